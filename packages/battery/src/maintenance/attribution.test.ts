import { beforeAll, describe, expect, it } from "vitest";
import { historyVehicle } from "../simulation/fleet-history/fleet-history.ts";
import { attributionOf } from "./attribution.ts";
import type { DailyIndicators } from "./daily-indicators.ts";
import { indicatorsOf } from "./indicators-of.ts";

const vehicle = historyVehicle({ seed: 1, vehicles: 20, days: 300 }, 2);
const history: DailyIndicators[] = [];

beforeAll(() => {
  for (const { readings } of vehicle.days()) {
    history.push(indicatorsOf(readings, history, vehicle.pack));
  }
});

function at(day: number): DailyIndicators {
  return history[day] as DailyIndicators;
}

describe("the attribution of a change of health", () => {
  it("has parts that sum to the whole, whatever the two days", () => {
    for (const [from, to] of [
      [100, 190],
      [120, 299],
      [200, 207],
    ] as const) {
      const split = attributionOf(at(from), at(to), { history: history.slice(0, to + 1) });
      const { total, ...parts } = split ?? { total: Number.NaN };
      const sum = Object.values(parts).reduce((left, right) => left + right, 0);
      expect(sum).toBeCloseTo(total, 12);
      expect(total).toBeCloseTo((at(to).soh?.value ?? 0) - (at(from).soh?.value ?? 0), 12);
    }
  });

  it("says that a warming spring gave back what the cold had hidden, and that cells aged", () => {
    const split = attributionOf(at(90), at(210), { history: history.slice(0, 211) });
    expect(split?.temperature).toBeGreaterThan(0.005);
    expect(split?.ageing).toBeLessThan(-0.003);
    expect(Math.abs(split?.unexplained ?? 1)).toBeLessThan(0.003);
  });

  it("gives the change of estimator its own part", () => {
    const older: DailyIndicators = {
      ...at(150),
      estimator: { name: "rest-to-rest", version: "1" },
      soh: { value: 0.8, low: 0.78, high: 0.82 },
    };
    const split = attributionOf(older, at(160), { history: history.slice(0, 161) });
    expect(split?.estimator).toBeCloseTo((at(150).soh?.value ?? 0) - 0.8, 12);
    const plain = attributionOf(at(150), at(160), { history: history.slice(0, 161) });
    expect(plain?.estimator).toBe(0);
    expect(split?.ageing).toBe(plain?.ageing);
  });

  it("is nothing where a day has no state of health", () => {
    const unknown = { ...at(0), soh: null };
    expect(attributionOf(unknown, at(100), { history })).toBeUndefined();
    expect(attributionOf(at(100), at(120), { history: [] })).toBeUndefined();
  });
});
