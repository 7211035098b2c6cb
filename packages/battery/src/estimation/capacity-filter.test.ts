import { SeededRandom } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { CapacityFilter } from "./capacity-filter.ts";

const doubt = { capacitySigma_Ah: 10, socSigma: 0.01, chargeSigma_Ah: 0.5 };

test("a capacity told ten percent wrong is found within two percent in ten noisy stretches", () => {
  const random = new SeededRandom(7);
  const noise = (): number => 2 * random.uniform() - 1;
  const filter = new CapacityFilter({ ...doubt, capacity_Ah: 110 });
  for (let i = 0; i < 10; i++) {
    const soc = i % 2 === 0 ? -0.6 : 0.6;
    filter.add({ socChange: soc + 0.01 * noise(), charge_Ah: 100 * soc + 0.5 * noise() });
  }
  const { capacity_Ah, low_Ah, high_Ah, stretches } = filter.estimate;
  expect(Math.abs(capacity_Ah - 100)).toBeLessThan(2);
  expect(low_Ah).toBeLessThan(100);
  expect(high_Ah).toBeGreaterThan(100);
  expect(stretches).toBe(10);
});

test("before any stretch the estimate is the start", () => {
  const { capacity_Ah, stretches } = new CapacityFilter({ ...doubt, capacity_Ah: 60 }).estimate;
  expect(capacity_Ah).toBeCloseTo(60, 6);
  expect(stretches).toBe(0);
});

test("a stretch that is short, of opposite signs or no number is refused and moves nothing", () => {
  const filter = new CapacityFilter({ ...doubt, capacity_Ah: 60 });
  const before = filter.estimate;
  for (const [socChange, charge_Ah] of [
    [0.2, 12],
    [0.5, -30],
    [Number.NaN, 30],
    [0.5, Number.POSITIVE_INFINITY],
    [1.5, 90],
  ] as const) {
    expect(filter.add({ socChange, charge_Ah })).toBe(false);
  }
  expect(filter.estimate).toEqual(before);
});
