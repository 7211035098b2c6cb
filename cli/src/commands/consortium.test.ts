import { expect, test } from "vitest";
import { parseFounders } from "./consortium.ts";

test("founders are organisations with their number of validators, and a name where one is told", () => {
  expect(parseFounders("north:4, south:1:South Motors")).toEqual([
    { id: "north", name: "north", validators: 4 },
    { id: "south", name: "South Motors", validators: 1 },
  ]);
});

test.each(["north", "north:", ":4", "", "north:4,", "north:4,south"])(
  "%j is refused with the form that is right",
  (text) => {
    expect(() => parseFounders(text)).toThrow(
      expect.objectContaining({
        code: "ORGANISATIONS_INVALID",
        message: expect.stringMatching(/is not id:validators$/) as unknown,
        remedy: expect.stringContaining("north:4") as unknown,
      }),
    );
  },
);

test("no refusal shows only what is missing", () => {
  for (const text of ["north", "north:", "north:x"]) {
    expect(() => parseFounders(text)).toThrow(/north|"x"/);
    expect(() => parseFounders(text)).not.toThrow('is ""');
  }
});
