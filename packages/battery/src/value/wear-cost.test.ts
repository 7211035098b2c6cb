import { expect, it } from "vitest";
import { wearCost_EURperkWh } from "./wear-cost.ts";

it("spreads the successor's price over the energy of one life", () => {
  // 6,600 EUR over 1,500 cycles of 60 kWh at nine tenths on average: 81,000 kWh.
  const cost = wearCost_EURperkWh({ replacement_EUR: 6600, capacity_kWh: 60, lifeCycles: 1500 });
  expect(cost).toBeCloseTo(6600 / 81_000, 12);
});

it("is halved by a life twice as long, whatever the size of the pack", () => {
  const at = (capacity_kWh: number, lifeCycles: number): number =>
    wearCost_EURperkWh({ replacement_EUR: 110 * capacity_kWh, capacity_kWh, lifeCycles });
  expect(at(60, 3000)).toBeCloseTo(at(60, 1500) / 2, 12);
  expect(at(20, 1500)).toBeCloseTo(at(60, 1500), 12);
});
