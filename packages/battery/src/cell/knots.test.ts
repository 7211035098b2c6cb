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

test("a value just below a knot lies below it, however the table is rounded", () => {
  for (let count = 2; count < 60; count++) {
    const values = Array.from({ length: count }, (_, i) => i / 7 + i * i * 0.013);
    const knots = new Knots(values);
    for (const [i, knot] of values.entries()) {
      const below = knot - Math.abs(knot) * 2 ** -52 - 2 ** -60;
      expect(knots.segment(knot)).toBe(Math.min(i, count - 2));
      expect(knots.segment(below)).toBe(Math.max(0, i - 1));
    }
  }
});

test("no number lies in the first segment", () => {
  expect(new Knots([0, 1, 2]).segment(Number.NaN)).toBe(0);
});
