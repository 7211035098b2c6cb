import { ManualClock } from "@voltfog/runtime";
import { solvePlacement } from "@voltfog/sdn-controller";
import { expect, test } from "vitest";
import { cityProblem } from "./city-problem.ts";
import { firstComeCost } from "./first-come.ts";
import { scatteredProblem } from "./scattered-problem.ts";

const size = { functions: 100, units: 20, load: 0.9, seed: 5 };

test.each([
  ["city", cityProblem],
  ["scattered", scatteredProblem],
])(
  "a %s problem is the same for the same seed, has the load asked, and is solved near its bound",
  async (_, make) => {
    const problem = make(size);
    expect(make(size)).toEqual(problem);
    const sum = (values: readonly { cpu: number }[]): number =>
      values.reduce((all, { cpu }) => all + cpu, 0);
    expect(sum(problem.functions) / sum(problem.units)).toBeCloseTo(size.load, 9);
    const down = new Set<string>();
    const clock = new ManualClock();
    const found = await solvePlacement({
      problem,
      solver: "heuristic",
      down,
      timeLimit_s: 60,
      clock,
    });
    expect(found.ok).toBe(true);
    if (!found.ok) return;
    expect(found.value.cost / found.value.bound).toBeLessThan(1.05);
    expect(firstComeCost(problem) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(found.value.cost);
  },
);

test("first come takes the nearest unit with room, in the order of the functions", () => {
  const need = { cpu: 2, memory: 1, latencyMax_ms: 50, weight: 2, migrationCost: 0 };
  const unit = { cpu: 3, memory: 9, zone: "z" };
  const problem = {
    functions: [
      { id: "a", ...need },
      { id: "b", ...need },
    ],
    units: [
      { id: "u", ...unit },
      { id: "v", ...unit },
    ],
    latency_ms: Float64Array.from([1, 2, 1, 9]),
    current: new Int32Array(2).fill(-1),
  };
  expect(firstComeCost(problem)).toBe(20);
  expect(firstComeCost({ ...problem, units: problem.units.slice(0, 1) })).toBeNull();
});
