import { expect, it } from "vitest";
import { curvePoints, priceAfter, roundStep } from "./price-curve.ts";

const curve = {
  zone: 1,
  reserve: 30_000_000,
  supply_Wh: 200_000,
  weight: 0.5,
  load: 0.4,
  loadTime_ms: 0,
  pricePerKWh: 300_000,
  cataloguePeakPricePerKWh: 400_000,
  catalogueValleyPricePerKWh: 150_000,
};

it("buying raises the price, selling lowers it, and nothing leaves it", () => {
  expect(priceAfter(curve, 0)).toBe(300_000);
  expect(priceAfter(curve, 100_000)).toBeCloseTo(450_000);
  expect(priceAfter(curve, -100_000)).toBeCloseTo(150_000);
  expect(priceAfter(curve, -300_000)).toBe(0);
});

it("a weight of one is a fixed price, and a curve without supply stays drawable", () => {
  expect(priceAfter({ ...curve, weight: 1 }, 50_000)).toBe(300_000);
  expect(priceAfter({ ...curve, supply_Wh: 0 }, 50_000)).toBe(300_000);
});

it("the drawing goes from half sold to half bought, rising", () => {
  const points = curvePoints(curve, 21);
  expect([points[0]?.traded_Wh, points[10]?.traded_Wh, points[20]?.traded_Wh]).toEqual([
    -100_000, 0, 100_000,
  ]);
  const prices = points.map(({ pricePerKWh }) => pricePerKWh);
  expect(prices).toEqual([...prices].sort((a, b) => a - b));
});

it.each([
  [10, 5, 2],
  [0.3, 4, 0.1],
  [99, 5, 20],
  [1, 3, 0.5],
])("a range of %d in about %d parts has steps of %d", (range, parts, step) => {
  expect(roundStep(range, parts)).toBeCloseTo(step);
});
