import { expect, test } from "vitest";
import { fittedExponent, fittedLine } from "./power-law.ts";

test("a power law's exponent comes out of its points", () => {
  const points = [3, 7, 15, 63].map((x) => ({ x, y: 2.5 * x ** 1.7 }));
  expect(fittedExponent(points)).toBeCloseTo(1.7, 10);
});

test("a line's slope and start come out of its points", () => {
  const line = fittedLine([1, 2, 5].map((x) => ({ x, y: 4 + 6.5 * x })));
  expect(line.slope).toBeCloseTo(6.5, 10);
  expect(line.start).toBeCloseTo(4, 10);
});
