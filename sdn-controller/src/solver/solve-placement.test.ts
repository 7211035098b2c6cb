import { ManualClock } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlacementProblem } from "./placement-problem.ts";
import { solvePlacement } from "./solve-placement.ts";
import { checkedCost, lowestCost } from "./testing/small-problems.ts";

const functionNeed = fc.record({
  cpu: fc.integer({ min: 0, max: 5 }),
  memory: fc.integer({ min: 0, max: 5 }),
  latencyMax_ms: fc.integer({ min: 15, max: 40 }),
  weight: fc.integer({ min: 0, max: 3 }),
  migrationCost: fc.integer({ min: 0, max: 10 }),
  group: fc.integer({ min: 0, max: 6 }),
  zoned: fc.constantFrom(false, false, true),
});

const unitRoom = fc.record({
  cpu: fc.integer({ min: 0, max: 10 }),
  memory: fc.integer({ min: 0, max: 12 }),
  zone: fc.constantFrom("north", "north", "south"),
  functionsMax: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
});

/** Problems small enough to try every placement, many of them tight and some impossible. */
const smallProblem: fc.Arbitrary<PlacementProblem> = fc
  .record({ functions: fc.integer({ min: 1, max: 6 }), units: fc.integer({ min: 1, max: 4 }) })
  .chain(({ functions, units }) =>
    fc.record({
      functions: fc.array(functionNeed, { minLength: functions, maxLength: functions }),
      units: fc.array(unitRoom, { minLength: units, maxLength: units }),
      latency_ms: fc.array(fc.integer({ min: 0, max: 30 }), {
        minLength: functions * units,
        maxLength: functions * units,
      }),
      current: fc.array(fc.integer({ min: -1, max: units - 1 }), {
        minLength: functions,
        maxLength: functions,
      }),
    }),
  )
  .map(({ functions, units, latency_ms, current }) => ({
    functions: functions.map(({ group, zoned, ...need }, i) => ({
      id: `f${i}`,
      ...need,
      ...(group > 1 ? {} : { antiAffinity: `g${group}` }),
      ...(zoned ? { zones: ["north"] } : {}),
    })),
    units: units.map(({ functionsMax, ...unit }, j) => ({
      id: `u${j}`,
      ...unit,
      ...(functionsMax === undefined ? {} : { functionsMax }),
    })),
    latency_ms: Float64Array.from(latency_ms),
    current: Int32Array.from(current),
  }));

const clock = new ManualClock();

function solve(problem: PlacementProblem, solver: "exact" | "heuristic", down: string[] = []) {
  return solvePlacement({ problem, solver, down: new Set(down), timeLimit_s: 60, clock });
}

test("the exact solver finds the cost that trying every placement finds, and impossibility exactly where there is none", async () => {
  await fc.assert(
    fc.asyncProperty(smallProblem, async (problem) => {
      const lowest = lowestCost(problem);
      const found = await solve(problem, "exact");
      expect(found.ok).toBe(lowest < Number.POSITIVE_INFINITY);
      if (!found.ok) return;
      expect(found.value.cost).toBeCloseTo(lowest, 6);
      expect(checkedCost(problem, found.value.unitOf)).toBeCloseTo(lowest, 6);
      expect(found.value.bound).toBeCloseTo(lowest, 6);
      expect(found.value.isOptimal).toBe(true);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("the heuristic breaks no rule, costs no less than the optimum, and its bound is no higher", async () => {
  await fc.assert(
    fc.asyncProperty(smallProblem, async (problem) => {
      const lowest = lowestCost(problem);
      const found = await solve(problem, "heuristic");
      expect(found.ok).toBe(lowest < Number.POSITIVE_INFINITY);
      if (!found.ok) return;
      const { unitOf, cost, bound } = found.value;
      expect(checkedCost(problem, unitOf)).toBeCloseTo(cost, 6);
      expect(cost).toBeGreaterThanOrEqual(lowest - 1e-6);
      expect(bound).toBeLessThanOrEqual(lowest + 1e-6);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("what is impossible names a constraint, and by how much more than nothing", async () => {
  await fc.assert(
    fc.asyncProperty(smallProblem, async (problem) => {
      const found = await solve(problem, "heuristic");
      if (found.ok) return;
      expect(found.problem.code).not.toBe("NOT_FOUND");
      expect(found.problem.shortages.length).toBeGreaterThan(0);
      for (const { by } of found.problem.shortages) expect(by).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
}, 60_000);

function problemOf(options: {
  functions: (Partial<PlacementProblem["functions"][number]> & { cpu: number })[];
  cpu: number[];
  latency?: number;
}): PlacementProblem {
  const { functions, cpu } = options;
  return {
    functions: functions.map((need, i) => ({
      id: `f${i}`,
      memory: 1,
      latencyMax_ms: 50,
      weight: 1,
      migrationCost: 0,
      ...need,
    })),
    units: cpu.map((value, j) => ({ id: `u${j}`, cpu: value, memory: 100, zone: "z" })),
    latency_ms: new Float64Array(functions.length * cpu.length).fill(options.latency ?? 10),
    current: new Int32Array(functions.length).fill(-1),
  };
}

test.each([
  [
    "a unit that is too far",
    problemOf({ functions: [{ cpu: 1 }], cpu: [4], latency: 62 }),
    { code: "FITS_NO_UNIT", shortages: [{ constraint: "latency", by: 12 }] },
  ],
  [
    "a function larger than any unit",
    problemOf({ functions: [{ cpu: 5 }], cpu: [3, 4.5] }),
    { code: "FITS_NO_UNIT", shortages: [{ constraint: "cpu", by: 0.5, unitId: "u1" }] },
  ],
  [
    "too little cpu in all",
    problemOf({ functions: [{ cpu: 2 }, { cpu: 2 }, { cpu: 2 }], cpu: [2, 2.5] }),
    { code: "CPU_SHORT", shortages: [{ constraint: "cpu" }] },
  ],
  [
    "a group with more functions than units",
    problemOf({
      functions: [0, 1, 2, 3].map(() => ({ cpu: 1, antiAffinity: "g" })),
      cpu: [9, 9, 9],
    }),
    { code: "GROUP_TOO_LARGE", shortages: [{ constraint: "anti-affinity", by: 1, group: "g" }] },
  ],
  [
    "a group whose functions all fit only one unit",
    problemOf({ functions: [0, 1, 2].map(() => ({ cpu: 3, antiAffinity: "g" })), cpu: [9, 2, 2] }),
    { code: "GROUP_TOO_LARGE", shortages: [{ constraint: "anti-affinity", by: 2, group: "g" }] },
  ],
  [
    "functions that fit one by one and in sum, but not together",
    problemOf({ functions: [{ cpu: 2 }, { cpu: 2 }, { cpu: 2 }], cpu: [3, 3.5] }),
    { code: "JOINTLY_IMPOSSIBLE", shortages: [{ constraint: "cpu", by: 0.5, unitId: "u1" }] },
  ],
])("%s is named with its amount", async (_, problem, expected) => {
  for (const solver of ["exact", "heuristic"] as const) {
    const found = await solve(problem, solver);
    expect(found.ok ? undefined : found.problem).toMatchObject(expected);
  }
});

test("a unit that is down takes nothing, and the move from it costs what a move costs", async () => {
  const problem: PlacementProblem = {
    ...problemOf({ functions: [{ cpu: 1, migrationCost: 7 }, { cpu: 1 }], cpu: [4, 4] }),
    current: Int32Array.from([0, 0]),
  };
  const found = await solve(problem, "exact", ["u0"]);
  expect(found).toMatchObject({ ok: true, value: { cost: 27, unitOf: Int32Array.from([1, 1]) } });
});

test("no functions cost nothing", async () => {
  for (const solver of ["exact", "heuristic"] as const) {
    const found = await solve(problemOf({ functions: [], cpu: [1] }), solver);
    expect(found).toMatchObject({ ok: true, value: { cost: 0, bound: 0, isOptimal: true } });
  }
});
