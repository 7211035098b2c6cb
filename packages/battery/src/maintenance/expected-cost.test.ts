import { beforeAll, describe, expect, it } from "vitest";
import { historyVehicle } from "../simulation/fleet-history/fleet-history.ts";
import type { DailyIndicators } from "./daily-indicators.ts";
import { rankByExpectedCost } from "./expected-cost.ts";
import type { FaultCalibration } from "./fault-model.ts";
import { faultFeatureNames, faultFeatures, faultProbability } from "./fault-risk.ts";
import { fleetReference, usualFleet } from "./fleet-reference.ts";
import { indicatorsOf } from "./indicators-of.ts";

const costs = { failure_EUR: 4000, inspection_EUR: 150 };
const history: DailyIndicators[] = [];

beforeAll(() => {
  const vehicle = historyVehicle({ seed: 1, vehicles: 20, days: 60 }, 2);
  for (const { readings } of vehicle.days()) {
    history.push(indicatorsOf(readings, history, vehicle.pack));
  }
});

/** The same vehicle with one cell that parts from the others under current. */
function withBadJoint(): readonly DailyIndicators[] {
  return history.map((one, i) => {
    const share = i / history.length;
    const loadSpread_V = (one.signs?.loadSpread_V ?? 0) + 0.15 * share;
    return one.signs === null ? one : { ...one, signs: { ...one.signs, loadSpread_V } };
  });
}

describe("the ranking by expected cost", () => {
  it("puts a vehicle with a growing sign first, and says why", () => {
    const ranked = rankByExpectedCost(
      [
        { vehicleId: "sound", history },
        { vehicleId: "joint", history: withBadJoint() },
      ],
      costs,
    );
    expect(ranked.map(({ vehicleId }) => vehicleId)).toEqual(["joint", "sound"]);
    expect(ranked[0]?.because).toContain("under current");
    expect(ranked[1]?.because).toContain("no sign stands out");
    expect(ranked[0]?.expectedCost_EUR).toBeGreaterThan(ranked[1]?.expectedCost_EUR ?? 0);
  });

  it("counts the probability times the failure less the inspection", () => {
    const [one] = rankByExpectedCost([{ vehicleId: "sound", history }], costs);
    const { value = -1, low = 2, high = -1 } = one?.faultProbability ?? {};
    expect(one?.expectedCost_EUR).toBeCloseTo(4000 * value - 150, 9);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
  });

  it("gives a vehicle that nothing is known of the least chance, and orders equals by id", () => {
    const ranked = rankByExpectedCost(
      ["b", "a"].map((vehicleId) => ({ vehicleId, history: [] })),
      costs,
    );
    expect(ranked.map(({ vehicleId }) => vehicleId)).toEqual(["a", "b"]);
    expect(ranked[0]?.because).toContain("no signs are known");
  });
});

describe("the probability of a fault", () => {
  const calibration: FaultCalibration = {
    version: 1,
    fleet: usualFleet,
    ...{ weights: [], middle: [], scale: [], bias: 0 },
    steps: [
      { score: -9, failed: 1, days: 999, vehicles: 100, failedVehicles: 1 },
      { score: 2, failed: 30, days: 99, vehicles: 12, failedVehicles: 5 },
    ],
  };

  it("is what became of the vehicles of its step, wide where they are few", () => {
    const [low, high] = [faultProbability(0, calibration), faultProbability(2, calibration)];
    expect(low.value).toBeCloseTo(1.5 / 1000, 9);
    expect(high.value).toBeCloseTo(30.5 / 100, 9);
    expect(high.high - high.low).toBeGreaterThan(low.high - low.low);
  });

  it("has a feature for every name", () => {
    expect(faultFeatures(history)).toHaveLength(faultFeatureNames.length);
    expect(faultFeatures([])).toBeUndefined();
  });
});

describe("a fleet as the reference of signs", () => {
  it("is the usual one for a few vehicles, else its own middle and spread", () => {
    const signs = history.flatMap((one) => (one.signs === null ? [] : [one.signs]));
    expect(fleetReference(signs.slice(0, 3))).toBe(usualFleet);
    const own = fleetReference(signs);
    const sorted = signs.map(({ resistance }) => resistance).sort((a, b) => a - b);
    expect(own.resistance.median).toBe(sorted[sorted.length >> 1]);
    expect(own.resistance.scale).toBeGreaterThan(0);
  });
});
