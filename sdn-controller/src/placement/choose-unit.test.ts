import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseUnit, type PlacementRules, type UnitView } from "./choose-unit.ts";

const rules: PlacementRules = {
  vehiclesPerUnitMax: 10,
  equalLatency_ms: 5,
  moveGain_ms: 20,
  moveGainRatio: 0.1,
  moveSamples: 3,
  moveCooldown_ms: 60_000,
  movesPerRoundMax: 10,
};

function unit(id: string, alive = true): UnitView {
  return { id, alive, connected: new Set() };
}

function choose(options: {
  units: readonly UnitView[];
  latencies_ms: Record<string, number>;
  loads?: Record<string, number>;
}): ReturnType<typeof chooseUnit> {
  return chooseUnit({
    vehicleId: "vehicle-01",
    units: options.units,
    loads: { vehicles: new Map(Object.entries(options.loads ?? {})) },
    latencyOf: ({ unitId }) => options.latencies_ms[unitId],
    rules,
  });
}

describe("chooseUnit", () => {
  it("takes the unit with the lowest latency when the difference matters", () => {
    const choice = choose({
      units: [unit("unit-1"), unit("unit-2")],
      latencies_ms: { "unit-1": 30, "unit-2": 12 },
      loads: { "unit-2": 5 },
    });
    expect(choice).toMatchObject({ unitId: "unit-2", latency_ms: 12 });
    expect(choice?.reason).toBe("lowest latency (12.0 ms, 5 vehicles before)");
  });

  it("lets load decide between latencies that count as equal, and says who was left out and why", () => {
    const choice = choose({
      units: [unit("unit-1"), unit("unit-2"), unit("unit-3", false), unit("unit-4")],
      latencies_ms: { "unit-1": 1, "unit-2": 4, "unit-3": 1, "unit-4": 1 },
      loads: { "unit-1": 3, "unit-2": 2, "unit-4": 10 },
    });
    expect(choice?.unitId).toBe("unit-2");
    expect(choice?.reason).toBe(
      "emptiest of 2 units with the lowest latency (4.0 ms, 2 vehicles before); unit-3 is dead; unit-4 is full",
    );
    expect(choice?.considered.map(({ unitId, verdict }) => [unitId, verdict])).toEqual([
      ["unit-1", "fuller"],
      ["unit-2", "chosen"],
      ["unit-3", "dead"],
      ["unit-4", "full"],
    ]);
  });

  it("leaves out who has no processor or memory left, and who is too far for the functions", () => {
    const capacity = { cpu: 1, memory_MB: 100 };
    const units = [1, 2, 3, 4].map((n) => ({ ...unit(`unit-${n}`), capacity }));
    const used = new Map([
      ["unit-1", { cpu: 0.95, memory_MB: 0 }],
      ["unit-2", { cpu: 0, memory_MB: 96 }],
    ]);
    const choice = chooseUnit({
      vehicleId: "vehicle-01",
      units,
      loads: { vehicles: new Map(), used },
      latencyOf: ({ unitId }) => (unitId === "unit-3" ? 120 : 1 + (unitId === "unit-4" ? 30 : 0)),
      rules: { ...rules, equalLatency_ms: 1000 },
      need: { cpu: 0.1, memory_MB: 5, latencyMax_ms: 100 },
    });
    expect(choice?.considered).toMatchObject([
      { unitId: "unit-1", verdict: "no-cpu", score: null },
      { unitId: "unit-2", verdict: "no-memory", score: null },
      { unitId: "unit-3", verdict: "too-far", score: null },
      { unitId: "unit-4", verdict: "chosen", score: 31 },
    ]);
  });

  it("takes a unit beyond the limit rather than none, and says so", () => {
    const choice = chooseUnit({
      vehicleId: "vehicle-01",
      units: [unit("unit-1")],
      loads: { vehicles: new Map() },
      latencyOf: () => 150,
      rules,
      need: { cpu: 0, memory_MB: 0, latencyMax_ms: 100 },
    });
    expect(choice?.reason).toMatch(/no unit is within the functions' latency limit$/);
  });

  it("chooses nobody when no unit is alive, measured and with room", () => {
    const choice = choose({
      units: [unit("unit-1", false), unit("unit-2"), unit("unit-3")],
      latencies_ms: { "unit-1": 1, "unit-3": 1 },
      loads: { "unit-3": 10 },
    });
    expect(choice).toBeUndefined();
  });

  it("never chooses a dead, unmeasured or full unit, nor one slower than the best by more than the band", () => {
    const situation = fc.array(
      fc.record({
        alive: fc.boolean(),
        latency_ms: fc.option(fc.double({ min: 0, max: 200, noNaN: true }), { nil: undefined }),
        load: fc.integer({ min: 0, max: 12 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(situation, (list) => {
        const units = list.map((one, i) => ({ ...one, ...unit(`unit-${i}`, one.alive) }));
        const byId = new Map(units.map((one) => [one.id, one]));
        const choice = chooseUnit({
          vehicleId: "vehicle-01",
          units,
          loads: { vehicles: new Map(units.map((one) => [one.id, one.load])) },
          latencyOf: ({ unitId }) => byId.get(unitId)?.latency_ms,
          rules,
        });
        const open = units.filter(
          (one) => one.alive && one.latency_ms !== undefined && one.load < rules.vehiclesPerUnitMax,
        );
        expect(choice === undefined).toBe(open.length === 0);
        if (choice === undefined) return;
        const chosen = open.find((one) => one.id === choice.unitId);
        const best_ms = Math.min(...open.map((one) => one.latency_ms ?? Number.POSITIVE_INFINITY));
        expect(chosen?.latency_ms).toBeLessThanOrEqual(best_ms + rules.equalLatency_ms);
        expect(choice.considered).toHaveLength(units.length);
      }),
    );
  });

  it("gives the same answer in whatever order the units come", () => {
    const shuffled = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    fc.assert(
      fc.property(
        shuffled,
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6 }),
        (order, ms) => {
          const latencyOf = ({ unitId }: { unitId: string }): number =>
            ms[Number(unitId.slice(5))] ?? 0;
          const pick = (ids: readonly number[]): string | undefined =>
            chooseUnit({
              vehicleId: "vehicle-01",
              units: ids.map((id) => unit(`unit-${id}`)),
              loads: { vehicles: new Map() },
              latencyOf,
              rules,
            })?.unitId;
          expect(pick(order)).toBe(pick([0, 1, 2, 3, 4, 5]));
        },
      ),
    );
  });
});
