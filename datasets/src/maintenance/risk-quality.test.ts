import { describe, expect, it } from "vitest";
import { auroc, calibrationError } from "./risk-quality.ts";

const scored = (
  pairs: readonly (readonly [number, boolean])[],
): { score: number; fails: boolean }[] => pairs.map(([score, fails]) => ({ score, fails }));

describe("the area under the curve", () => {
  it("is the share of pairs in the right order, ties half", () => {
    expect(
      auroc(
        scored([
          [1, false],
          [2, true],
          [3, true],
        ]),
      ),
    ).toBe(1);
    expect(
      auroc(
        scored([
          [1, true],
          [2, false],
        ]),
      ),
    ).toBe(0);
    expect(
      auroc(
        scored([
          [1, true],
          [1, false],
        ]),
      ),
    ).toBe(0.5);
    expect(
      auroc(
        scored([
          [1, false],
          [2, true],
          [2, false],
          [3, true],
        ]),
      ),
    ).toBe(3.5 / 4);
  });

  it("is no number where nothing failed", () => {
    expect(auroc(scored([[1, false]]))).toBeNaN();
  });
});

describe("the error of told chances", () => {
  it("is nothing where as many failed as was told, else the difference", () => {
    const told = Array.from({ length: 100 }, (_, i) => ({ chance: 0.2, fails: i % 5 === 0 }));
    expect(calibrationError(told, 1)).toBeCloseTo(0, 12);
    const wrong = told.map(({ fails }) => ({ chance: 0.5, fails }));
    expect(calibrationError(wrong, 1)).toBeCloseTo(0.3, 12);
  });
});
