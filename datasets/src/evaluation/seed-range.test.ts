import { describe, expect, it } from "vitest";
import { positiveNumber, seedRange } from "./seed-range.ts";

describe("a range of seeds", () => {
  it("has both its ends", () => {
    expect(seedRange("101..104")).toEqual([101, 102, 103, 104]);
    expect(seedRange("7")).toEqual([7]);
  });

  it.each([undefined, "", "5..4", "1..2..3", "-1..2", "a..b", "1..1001"])("refuses %s", (text) => {
    expect(() => seedRange(text)).toThrow(expect.objectContaining({ code: "SEEDS_INVALID" }));
  });
});

describe("a positive number", () => {
  it("is what was typed, or the fallback", () => {
    const noise = { flag: "noise", fallback: 1.5, max: 100 };
    expect(positiveNumber({ ...noise, text: undefined })).toBe(1.5);
    expect(positiveNumber({ ...noise, text: "3.25" })).toBe(3.25);
    for (const text of ["-1", "x", "101", "1e1", ""]) {
      expect(() => positiveNumber({ ...noise, text })).toThrow(
        expect.objectContaining({ code: "NUMBER_INVALID" }),
      );
    }
  });
});
