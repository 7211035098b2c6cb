import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile, summarise } from "./statistics.ts";

const figures = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), {
  minLength: 1,
  maxLength: 40,
});

describe("the summary of repeats", () => {
  it("is median, least and greatest, whatever the order", () => {
    expect(summarise([5, 1, 9])).toEqual({ value: 5, min: 1, max: 9, n: 3 });
    expect(summarise([4, 1, 2, 3])).toEqual({ value: 2.5, min: 1, max: 4, n: 4 });
    expect(summarise([7])).toEqual({ value: 7, min: 7, max: 7, n: 1 });
  });

  it("is not moved by one wild repeat", () => {
    expect(summarise([10, 11, 12, 13, 1e6]).value).toBe(12);
  });

  it("leaves the figures in their order", () => {
    const values = [3, 1, 2];
    summarise(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("a quantile", () => {
  it("lies on the line between its neighbours", () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([3, 1, 2], 0)).toBe(1);
    expect(quantile([3, 1, 2], 1)).toBe(3);
  });

  it("sorts numbers as numbers", () => {
    expect(quantile([10, 9, 100], 1)).toBe(100);
  });

  it("never leaves the range and never falls as p grows", () => {
    fc.assert(
      fc.property(figures, fc.double({ noNaN: true, min: 0, max: 1 }), (values, p) => {
        const found = quantile(values, p);
        expect(found >= Math.min(...values) && found <= Math.max(...values)).toBe(true);
        expect(quantile(values, Math.min(1, p + 0.1))).toBeGreaterThanOrEqual(found);
      }),
    );
  });

  it("of nothing is a mistake of the caller", () => {
    expect(() => quantile([], 0.5)).toThrow(/broken promise/);
  });
});
