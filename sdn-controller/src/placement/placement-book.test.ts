import { describe, expect, it } from "vitest";
import { BundleBook } from "../bundles/bundle-book.ts";
import { loadsOf } from "./attachment.ts";
import type { UnitView } from "./decision-facts.ts";
import { PlacementBook, type Situation } from "./placement-book.ts";

const rules = {
  vehiclesPerUnitMax: 10,
  equalLatency_ms: 5,
  moveGain_ms: 20,
  moveGainRatio: 0.1,
  moveSamples: 3,
  moveCooldown_ms: 60_000,
  movesPerRoundMax: 10,
};

function book(vehiclesMax = 100): PlacementBook {
  const start = { version: 7, attachments: [] };
  const functions = ["thermal-alert"];
  const bundles = new BundleBook({ functions, dwell_ms: 0 });
  return new PlacementBook({ rules, bundles, functions, vehiclesMax, start, now_ms: 0 });
}

function situation(options: { connected?: Record<string, string[]>; now_ms?: number }): Situation {
  const units: UnitView[] = ["unit-1", "unit-2", "unit-3", "unit-4"].map((id) => ({
    id,
    alive: true,
    connected: new Set(options.connected?.[id]),
  }));
  const noise: Record<string, number> = {
    "unit-1": 0.9,
    "unit-2": 0.4,
    "unit-3": 1.4,
    "unit-4": 1,
  };
  return { units, latencyOf: ({ unitId }) => noise[unitId], now_ms: options.now_ms ?? 0 };
}

const vehicles = Array.from({ length: 12 }, (_, i) => `vehicle-${String(i + 1).padStart(2, "0")}`);

describe("PlacementBook", () => {
  it("spreads twelve vehicles over four equal units, three on each", () => {
    const placements = book();
    for (const vehicle of vehicles) placements.attach(vehicle, situation({}));
    expect([...loadsOf(placements.attachments).values()]).toEqual([3, 3, 3, 3]);
    expect(placements.version).toBe(19);
  });

  it("answers the same vehicle with the same unit and without a new version", () => {
    const placements = book();
    const first = placements.attach("vehicle-01", situation({}));
    expect(placements.attach("vehicle-01", situation({}))).toEqual(first);
    expect(placements.version).toBe(8);
  });

  it("places every function on the unit of its vehicles and empties the others", () => {
    const placements = book();
    for (const vehicle of vehicles.slice(0, 2)) placements.attach(vehicle, situation({}));
    expect(placements.functionPlacements).toEqual([
      { functionId: "thermal-alert", unitId: "unit-1", vehicles: ["vehicle-01"] },
      { functionId: "thermal-alert", unitId: "unit-2", vehicles: ["vehicle-02"] },
    ]);
    const told = (unitId: string): unknown => placements.plan.assignmentOf(unitId).functions;
    expect(told("unit-2")).toMatchObject([{ id: "thermal-alert", vehicles: ["vehicle-02"] }]);
    expect(told("unit-4")).toMatchObject([{ id: "thermal-alert", vehicles: [], standby: [] }]);
  });

  it("gives every vehicle a standby on another unit, which fetches its state from where it is served", () => {
    const placements = book();
    for (const vehicle of vehicles) placements.attach(vehicle, situation({}));
    placements.review(situation({}));
    const standbys = placements.attachments.map(({ unitId, standbyUnitId }) => {
      expect(standbyUnitId).not.toBe(unitId);
      return standbyUnitId;
    });
    for (const unit of ["unit-1", "unit-2", "unit-3", "unit-4"]) {
      expect(standbys.filter((one) => one === unit)).toHaveLength(3);
    }
    const [first] = placements.attachments;
    const { states, functions } = placements.plan.assignmentOf(first?.standbyUnitId ?? "");
    expect(states).toMatchObject({ "vehicle-01": first?.unitId });
    expect(functions[0]?.standby).toContain("vehicle-01");
    expect(functions[0]?.vehicles).not.toContain("vehicle-01");
  });

  it("adopts a vehicle that it finds connected without having been asked", () => {
    const placements = book();
    placements.review(situation({ connected: { "unit-3": ["vehicle-05"] } }));
    expect(placements.attachments).toMatchObject([
      { vehicleId: "vehicle-05", unitId: "unit-3", reason: "found connected to unit-3" },
    ]);
  });

  it("refuses vehicles beyond its limit and goes on serving those it knows", () => {
    const placements = book(1);
    expect(placements.attach("vehicle-01", situation({}))).toBeDefined();
    expect(placements.attach("vehicle-02", situation({}))).toBeUndefined();
    expect(placements.attach("vehicle-01", situation({}))).toBeDefined();
  });

  it("lets a vehicle go that nobody has named or seen for a day", () => {
    const placements = book();
    placements.attach("vehicle-01", situation({}));
    placements.attach("vehicle-02", situation({}));
    const seen = { "unit-2": ["vehicle-02"] };
    placements.review(situation({ now_ms: 50_000_000, connected: seen }));
    placements.review(situation({ now_ms: 86_400_000, connected: seen }));
    expect(placements.attachments.map((one) => one.vehicleId)).toEqual(["vehicle-02"]);
  });
});
