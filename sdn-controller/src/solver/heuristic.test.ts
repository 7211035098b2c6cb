import { SeededRandom } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { placeHeuristically } from "./heuristic.ts";
import { buildInstance } from "./instance.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import { checkedCost } from "./testing/small-problems.ts";

/** A problem around a known placement, whose units are full of it up to the load in both resources. */
function planted(size: {
  functions: number;
  units: number;
  load: number;
  seed: number;
}): PlacementProblem {
  const random = new SeededRandom(size.seed);
  const whole = (max: number): number => 1 + Math.floor(max * random.uniform());
  const functions = Array.from({ length: size.functions }, (_, i) => ({
    id: `f${i}`,
    cpu: whole(20),
    memory: whole(20),
    latencyMax_ms: 100,
    weight: 1,
    migrationCost: 0,
  }));
  const units = Array.from({ length: size.units }, (_, j) => {
    const here = functions.filter((_, i) => i % size.units === j);
    return {
      id: `u${j}`,
      cpu: here.reduce((sum, { cpu }) => sum + cpu, 0) / size.load,
      memory: here.reduce((sum, { memory }) => sum + memory, 0) / size.load,
      zone: "z",
    };
  });
  return {
    functions,
    units,
    latency_ms: Float64Array.from({ length: size.functions * size.units }, () => whole(99)),
    current: new Int32Array(size.functions).fill(-1),
  };
}

test.each([1, 2, 3, 4, 5])(
  "where little room is left the heuristic still finds a placement, seed %i",
  (seed) => {
    const problem = planted({ functions: 100, units: 10, load: 0.97, seed });
    const found = placeHeuristically(buildInstance(problem, new Set()));
    expect(found.cost).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(checkedCost(problem, found.unitOf)).toBeCloseTo(found.cost, 6);
  },
);

test("the same problem gets the same placement", () => {
  const problem = planted({ functions: 60, units: 8, load: 0.9, seed: 9 });
  const place = () => placeHeuristically(buildInstance(problem, new Set())).unitOf;
  expect(place()).toEqual(place());
});

test("with room for all everyone is at its cheapest unit, and the bound says that no more can be gained", () => {
  const problem = planted({ functions: 60, units: 8, load: 0.05, seed: 3 });
  const { cost, bound } = placeHeuristically(buildInstance(problem, new Set()));
  const rows = problem.functions.map((_, i) => problem.latency_ms.subarray(i * 8, (i + 1) * 8));
  expect(cost).toBe(rows.reduce((sum, row) => sum + Math.min(...row), 0));
  expect(bound).toBe(cost);
});
