import { ManualClock } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solvePlacement } from "../solver/solve-placement.ts";
import { choosePlaces } from "./choose-places.ts";
import type { Choice, LatencyOf, Loads, Need, PlacementRules, UnitView } from "./decision-facts.ts";

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

function chooseOne(o: {
  vehicleId: string;
  units: readonly UnitView[];
  loads: Loads;
  latencyOf: LatencyOf;
  rules: PlacementRules;
  need?: Need;
}): Choice | undefined {
  const { vehicleId, need = { cpu: 0, memory_MB: 0 }, ...facts } = o;
  return choosePlaces({ ...facts, wishes: [{ vehicleId, need }] })[0];
}

function choose(options: {
  units: readonly UnitView[];
  latencies_ms: Record<string, number>;
  loads?: Record<string, number>;
}): Choice | undefined {
  return chooseOne({
    vehicleId: "vehicle-01",
    units: options.units,
    loads: { vehicles: new Map(Object.entries(options.loads ?? {})) },
    latencyOf: ({ unitId }) => options.latencies_ms[unitId],
    rules,
  });
}

describe("choosePlaces", () => {
  it("takes the unit with the lowest latency when the difference matters", () => {
    const choice = choose({
      units: [unit("unit-1"), unit("unit-2")],
      latencies_ms: { "unit-1": 30, "unit-2": 12 },
      loads: { "unit-2": 5 },
    });
    expect(choice).toMatchObject({ unitId: "unit-2", latency_ms: 12 });
    expect(choice?.reason).toBe("lowest latency (12.0 ms, 5 other vehicles)");
  });

  it("lets load decide between latencies that count as equal, and says who was left out and why", () => {
    const choice = choose({
      units: [unit("unit-1"), unit("unit-2"), unit("unit-3", false), unit("unit-4")],
      latencies_ms: { "unit-1": 1, "unit-2": 4, "unit-3": 1, "unit-4": 1 },
      loads: { "unit-1": 3, "unit-2": 2, "unit-4": 10 },
    });
    expect(choice?.unitId).toBe("unit-2");
    expect(choice?.reason).toBe(
      "emptiest of 2 units with the lowest latency (4.0 ms, 2 other vehicles); unit-3 is dead; unit-4 is full",
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
    const choice = chooseOne({
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
    const choice = chooseOne({
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
        const choice = chooseOne({
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
            chooseOne({
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

  it("gives scarce places to those who lose most without them, not to who asks first", () => {
    const ways: Record<string, Record<string, number>> = {
      first: { near: 10, far: 20 },
      second: { near: 10, far: 90 },
    };
    const wishes = ["first", "second"].map((vehicleId) => ({
      vehicleId,
      need: { cpu: 1, memory_MB: 1 },
    }));
    const places = choosePlaces({
      wishes,
      units: [
        { ...unit("far"), capacity: { cpu: 4, memory_MB: 9 } },
        { ...unit("near"), capacity: { cpu: 1, memory_MB: 9 } },
      ],
      loads: { vehicles: new Map() },
      latencyOf: ({ vehicleId, unitId }) => ways[vehicleId]?.[unitId],
      rules,
    });
    expect(places.map((place) => place?.unitId)).toEqual(["far", "near"]);
    expect(places[0]?.considered).toMatchObject([
      { unitId: "far", verdict: "chosen", score: 20 },
      { unitId: "near", verdict: "no-cpu", load: 1 },
    ]);
  });

  it("lets two who serve better in each other's place change places, and nobody move for less than it costs", () => {
    const ask = (moveCost_ms: number): readonly (string | undefined)[] => {
      const wishes = ["a", "b"].map((id) => ({
        vehicleId: `on-${id}`,
        need: { cpu: 1, memory_MB: 1 },
        here: { unitId: `unit-${id}`, moveCost_ms },
      }));
      const capacity = { cpu: 1, memory_MB: 9 };
      const used = new Map(["a", "b"].map((id) => [`unit-${id}`, { cpu: 1, memory_MB: 1 }]));
      const places = choosePlaces({
        wishes,
        units: ["a", "b"].map((id) => ({ ...unit(`unit-${id}`), capacity })),
        loads: { vehicles: new Map([...used.keys()].map((id) => [id, 1])), used },
        latencyOf: ({ vehicleId, unitId }) => (vehicleId.slice(3) === unitId.slice(5) ? 50 : 10),
        rules,
      });
      return places.map((place) => place?.unitId);
    };
    expect(ask(20)).toEqual(["unit-b", "unit-a"]);
    expect(ask(41)).toEqual([undefined, undefined]);
  });

  it("is within a tenth of the proven optimum of the whole problem where no latencies count as equal", async () => {
    const size = { units: 4, vehicles: 12 };
    const ms = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 48, maxLength: 48 });
    await fc.assert(
      fc.asyncProperty(ms, fc.integer({ min: 3, max: 6 }), async (latencies, places) => {
        const units = Array.from({ length: size.units }, (_, j) => unit(`unit-${j}`));
        const wishes = Array.from({ length: size.vehicles }, (_, i) => ({
          vehicleId: `vehicle-${i}`,
          need: { cpu: 0, memory_MB: 0 },
        }));
        const latencyOf: LatencyOf = ({ vehicleId, unitId }) =>
          latencies[Number(vehicleId.slice(8)) * size.units + Number(unitId.slice(5))];
        const chosen = choosePlaces({
          ...{ wishes, units, latencyOf, loads: { vehicles: new Map() } },
          rules: { ...rules, equalLatency_ms: 0, vehiclesPerUnitMax: places },
        });
        const solved = await solvePlacement({
          problem: {
            functions: wishes.map(({ vehicleId: id }) => ({
              ...{ id, cpu: 0, memory: 0, latencyMax_ms: 1000, weight: 1, migrationCost: 0 },
            })),
            units: units.map(({ id }) => ({
              id,
              cpu: 0,
              memory: 0,
              zone: "",
              functionsMax: places,
            })),
            latency_ms: Float64Array.from(latencies),
            current: new Int32Array(size.vehicles).fill(-1),
          },
          ...{
            solver: "exact",
            down: new Set<string>(),
            timeLimit_s: 30,
            clock: new ManualClock(),
          },
        });
        const total_ms = chosen.reduce((sum, one) => sum + (one?.latency_ms ?? 1e6), 0);
        const lowest_ms = solved.ok ? solved.value.cost : Number.NaN;
        expect(total_ms).toBeGreaterThanOrEqual(lowest_ms);
        expect(total_ms).toBeLessThanOrEqual(1.1 * lowest_ms);
      }),
      { numRuns: 30 },
    );
  });
});
