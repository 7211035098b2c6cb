import fc from "fast-check";
import { expect, test } from "vitest";
import { Knots } from "./knots.ts";

const rising = fc
  .uniqueArray(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 })
  .map((values) => values.sort((a, b) => a - b))
  .filter((values) => values.every((value, i) => i === 0 || value - (values[i - 1] ?? 0) > 1e-3));

test("a value lies in the segment that a search from the left finds", () => {
  fc.assert(
    fc.property(rising, fc.double({ min: -150, max: 150, noNaN: true }), (values, value) => {
      const knots = new Knots(values);
      const segment = knots.segment(value);
      const above = values.findIndex((knot) => knot > value);
      const wanted = above < 0 ? values.length - 2 : Math.max(0, above - 1);
      expect(segment).toBe(Math.min(values.length - 2, wanted));
      const [from = 0, to = 1] = [values[segment], values[segment + 1]];
      expect(knots.share(segment, value)).toBeCloseTo((value - from) / (to - from));
    }),
  );
});

test("no number lies in the first segment", () => {
  expect(new Knots([0, 1, 2]).segment(Number.NaN)).toBe(0);
});
