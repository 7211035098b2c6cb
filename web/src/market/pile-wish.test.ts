import { expect, it } from "vitest";
import { expectedCost, windowOfDay } from "./pile-wish.ts";

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

it("energy costs the reserve's rise, at the price that the load makes", () => {
  expect(expectedCost(curve, 20_000)).toBe(6_300_000);
  expect(expectedCost({ ...curve, pricePerKWh: 600_000 }, 20_000)).toBe(12_600_000);
  for (const energy_Wh of [0, Number.MAX_SAFE_INTEGER])
    expect(expectedCost(curve, energy_Wh)).toBe(undefined);
  expect(expectedCost({ ...curve, supply_Wh: 0 }, 20_000)).toBe(undefined);
});

it("a window begins before it ends, on one day", () => {
  const from_ms = Date.UTC(2026, 10, 21, 8);
  expect(windowOfDay({ date: "2026-11-21", from: "08:00", to: "09:30" })).toEqual({
    from_ms,
    to_ms: from_ms + 5_400_000,
  });
  for (const [from, to] of [
    ["09:00", "08:00"],
    ["09:00", "09:00"],
    ["", "09:00"],
  ] as const)
    expect(windowOfDay({ date: "2026-11-21", from, to })).toBe(undefined);
  expect(windowOfDay({ date: "", from: "08:00", to: "09:00" })).toBe(undefined);
});
