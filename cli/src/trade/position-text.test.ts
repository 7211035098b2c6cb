import fc from "fast-check";
import { expect, it } from "vitest";
import { parsePosition } from "./position-text.ts";

it("a place is rounded to a thousandth of a degree, so that no order tells a doorstep", () => {
  expect(parsePosition("4.89521,-52.37049")).toEqual({
    ...{ kind: "earth", east: 4_895_000, north: -52_370_000 },
  });
  expect(parsePosition("plane:1200,-350.5")).toEqual({
    ...{ kind: "plane", east: 1_200_000, north: -350_500 },
  });
});

it("what is no place on the globe is refused", () => {
  const any = fc.oneof(
    fc.constantFrom("", "4.8", "181,0", "0,91", "1,2,3", "plane:", "plane:1e9,0", "4.8;52"),
    fc.string({ maxLength: 6 }).filter((text) => !text.includes(",")),
  );
  fc.assert(
    fc.property(any, (text) => {
      expect(() => parsePosition(text)).toThrow(
        expect.objectContaining({ code: "POSITION_INVALID" }),
      );
    }),
  );
});
