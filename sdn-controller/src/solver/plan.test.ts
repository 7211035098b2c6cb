import fc from "fast-check";
import { expect, test } from "vitest";
import type { FunctionNeed, PlacementProblem } from "./placement-problem.ts";
import { Plan } from "./plan.ts";
import { checkedCost } from "./testing/small-problems.ts";

const units = [
  { id: "u0", cpu: 4, memory: 9, zone: "north" },
  { id: "u1", cpu: 4, memory: 9, zone: "north" },
  { id: "u2", cpu: 6, memory: 9, zone: "south" },
];
const empty: PlacementProblem = {
  functions: [],
  units,
  latency_ms: new Float64Array(0),
  current: new Int32Array(0),
};

function needOf(id: string, change: Partial<FunctionNeed> = {}): FunctionNeed {
  return { id, cpu: 2, memory: 1, latencyMax_ms: 50, weight: 1, migrationCost: 0, ...change };
}

function planOf(functionsMax = 20): Plan {
  return new Plan({ problem: empty, functionsMax });
}

const near = Float64Array.from([1, 10, 30]);

test("a function goes to its cheapest unit with room, and the next ones where room is left", () => {
  const plan = planOf();
  for (const id of ["a", "b", "c"]) plan.place(needOf(id, { migrationCost: 100 }), near);
  expect(["a", "b", "c"].map((id) => plan.unitOf(id))).toEqual(["u0", "u0", "u1"]);
  expect(plan.cost).toBe(12);
});

test("another function makes room where that costs less in all, its migration included", () => {
  const light = Float64Array.from([1, 2, 30]);
  for (const [migrationCost, unit] of [
    [0, "u0"],
    [20, "u1"],
  ] as const) {
    const plan = planOf();
    for (const id of ["a", "b"]) plan.place(needOf(id, { migrationCost }), light);
    const placed = plan.place(needOf("c"), near);
    expect(plan.unitOf("c")).toBe(unit);
    expect(placed.ok && placed.value).toHaveLength(unit === "u0" ? 2 : 1);
  }
});

test("what finds no room changes nothing", () => {
  const plan = planOf();
  plan.place(needOf("a"), near);
  expect(plan.place(needOf("b", { cpu: 7 }), near)).toMatchObject({
    ok: false,
    problem: { code: "NO_ROOM" },
  });
  expect(plan.place(needOf("b"), near).ok).toBe(true);
});

test("a plan says when it is full, and takes again what was removed", () => {
  const plan = planOf(1);
  plan.place(needOf("a", { antiAffinity: "g" }), near);
  expect(plan.place(needOf("a"), near)).toMatchObject({ problem: { code: "FUNCTION_KNOWN" } });
  expect(plan.place(needOf("b"), near)).toMatchObject({ problem: { code: "PLAN_FULL" } });
  expect(plan.remove("a")).toBe(true);
  expect(plan.remove("a")).toBe(false);
  expect(plan.place(needOf("b", { antiAffinity: "g" }), near).ok).toBe(true);
});

test("a review tells the gain less the migration, and nothing while there is none", () => {
  const plan = planOf();
  plan.place(needOf("a", { migrationCost: 4 }), near);
  expect(plan.review("a")).toBeUndefined();
  plan.measured("a", Float64Array.from([20, 10, 30]));
  expect(plan.review("a")).toEqual({ unitId: "u1", gain: 6, mustMove: false });
  plan.measured("a", Float64Array.from([60, 10, 30]));
  expect(plan.review("a")).toEqual({ unitId: "u1", gain: 46, mustMove: true });
  expect(plan.move("a", "u1")).toMatchObject({ ok: true, value: { from: "u0", to: "u1" } });
  expect(plan.cost).toBe(10);
});

test("a unit that fails takes nothing; evacuation moves what was there, and what-if only tells", () => {
  const plan = planOf();
  for (const id of ["a", "b"]) plan.place(needOf(id), near);
  const effect = plan.whatIfDown(["u0", "u1"]);
  expect(effect).toMatchObject({ costBefore: 2, costAfter: 60, unserved: [] });
  expect(effect.moves).toEqual([
    { functionId: "a", from: "u0", to: "u2" },
    { functionId: "b", from: "u0", to: "u2" },
  ]);
  expect(plan.unitOf("a")).toBe("u0");
  plan.setUp("u0", false);
  plan.place(needOf("c"), near);
  expect(plan.unitOf("c")).toBe("u1");
  expect(plan.evacuate("u0").moves).toHaveLength(2);
  expect(plan.unitOf("a")).not.toBe("u0");
  plan.setUp("u0", true);
  plan.place(needOf("d"), near);
  expect(plan.unitOf("d")).toBe("u0");
});

const change = fc.record({
  kind: fc.constantFrom("place", "place", "place", "remove", "what-if", "evacuate", "move"),
  id: fc.integer({ min: 0, max: 9 }).map((number) => `f${number}`),
  unit: fc.constantFrom("u0", "u1", "u2"),
  cpu: fc.integer({ min: 0, max: 4 }),
  memory: fc.integer({ min: 0, max: 4 }),
  weight: fc.integer({ min: 0, max: 3 }),
  migrationCost: fc.integer({ min: 0, max: 9 }),
  latencyMax_ms: fc.integer({ min: 10, max: 40 }),
  antiAffinity: fc.constantFrom("g", "h", "i"),
  latencies: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 }),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

type Known = Map<string, { need: FunctionNeed; latencies: readonly number[] }>;

test("after any changes no rule is broken, the cost is that of the format, and a what-if left no trace", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const plan = planOf(8);
      const known: Known = new Map();
      for (const one of changes) {
        apply(plan, known, one);
        expectSound(plan, known);
      }
    }),
    { numRuns: 300 },
  );
});

function apply(plan: Plan, known: Known, one: Change): void {
  const { kind, id, unit, latencies, ...figures } = one;
  if (kind === "place") {
    const need = needOf(id, figures);
    const placed = plan.place(need, Float64Array.from(latencies));
    if (placed.ok) known.set(id, { need, latencies });
  } else if (kind === "remove") expect(plan.remove(id)).toBe(known.delete(id));
  else if (kind === "move") plan.move(id, unit);
  else if (kind === "what-if") {
    const before = [...known.keys()].map((name) => plan.unitOf(name));
    plan.whatIfDown([unit]);
    expect([...known.keys()].map((name) => plan.unitOf(name))).toEqual(before);
  } else fail(plan, known, unit);
}

function fail(plan: Plan, known: Known, unit: string): void {
  plan.setUp(unit, false);
  for (const lost of plan.evacuate(unit).unserved) {
    plan.remove(lost);
    known.delete(lost);
  }
  expect([...known.keys()].filter((name) => plan.unitOf(name) === unit)).toEqual([]);
  plan.setUp(unit, true);
}

function expectSound(plan: Plan, known: Known): void {
  const list = [...known.values()];
  const problem: PlacementProblem = {
    functions: list.map(({ need }) => need),
    units,
    latency_ms: Float64Array.from(list.flatMap(({ latencies }) => latencies)),
    current: new Int32Array(list.length).fill(-1),
  };
  const unitOf = list.map(({ need }) => units.findIndex(({ id }) => id === plan.unitOf(need.id)));
  expect(checkedCost(problem, unitOf)).toBeCloseTo(plan.cost, 6);
}
