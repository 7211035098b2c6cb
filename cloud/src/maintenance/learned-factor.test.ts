import fc from "fast-check";
import { expect, test } from "vitest";
import { learnedFrom } from "./learned-factor.ts";

test("without outcomes nothing is changed and no precision is claimed", () => {
  expect(learnedFrom({ fixed: 0, falseAlarms: 0, expected: 0 })).toEqual({
    ...{ factor: 1, fixed: 0, falseAlarms: 0, precision: null },
  });
});

test("false alarms lower every next expectation, finds raise it, and much evidence outweighs the start", () => {
  expect(learnedFrom({ fixed: 0, falseAlarms: 10, expected: 4 }).factor).toBe(0.5);
  expect(learnedFrom({ fixed: 8, falseAlarms: 0, expected: 2 }).factor).toBe(2);
  expect(learnedFrom({ fixed: 100, falseAlarms: 100, expected: 200 }).factor).toBeCloseTo(0.51, 2);
});

test("the factor stays between nothing and threefold, and the interval holds the share", () => {
  const count = fc.nat({ max: 1000 });
  fc.assert(
    fc.property(
      count,
      count,
      fc.double({ min: 0, max: 1000, noNaN: true }),
      (fixed, wrong, expected) => {
        const { factor, precision } = learnedFrom({ fixed, falseAlarms: wrong, expected });
        expect(factor).toBeGreaterThan(0);
        expect(factor).toBeLessThanOrEqual(3);
        if (precision === null) return;
        expect(precision.low).toBeLessThanOrEqual(precision.value + 1e-12);
        expect(precision.high).toBeGreaterThanOrEqual(precision.value - 1e-12);
      },
    ),
  );
});
