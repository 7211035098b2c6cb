import { expect, test } from "vitest";
import { mutations } from "./mutations.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulate.ts";

function run(options: Omit<SimulationOptions, "seed">, seeds: number): SimulationReport[] {
  return Array.from({ length: seeds }, (_, seed) => simulate({ ...options, seed }));
}

/** What a failing run says, so that its seed can be run again. */
function failures(reports: readonly SimulationReport[]): string[] {
  return reports
    .filter(({ violations }) => violations.length > 0)
    .map(({ violations, replay }) => `${violations[0]} (${replay})`);
}

test.each([4, 5, 6, 7])("%i voters keep every invariant through seeded faults", (voters) => {
  const reports = run({ voters }, 60);
  expect(failures(reports)).toEqual([]);
  const heights = reports.reduce((sum, { height }) => sum + height, 0) / reports.length;
  expect(heights).toBeGreaterThan(12);
  expect(reports.every(({ faults }) => faults >= 3)).toBe(true);
});

test("one seed gives one trace, another seed another", () => {
  const [first, again] = [11, 11].map((seed) => simulate({ seed }));
  expect(again).toEqual(first);
  const traces = run({}, 20).map(({ traceHash }) => traceHash);
  expect(new Set(traces).size).toBe(20);
});

test.each([
  ["quorum-one-short", { invariants: ["certificates"] }, 5],
  ["quorum-one-short", { invariants: ["agreement"] }, 150],
  ["quorum-two-f-plus-one", { voters: 6, invariants: ["certificates"] }, 5],
  ["quorum-two-f-plus-one", { voters: 6, invariants: ["agreement"] }, 150],
  ["votes-forgotten-at-restart", { invariants: ["no contradicting votes"] }, 50],
  ["proposal-without-justification", { voters: 4, faulty: "usurper" }, 600],
  ["prepared-block-dropped-at-round-change", { invariants: ["agreement"] }, 200],
  ["prepared-block-dropped-at-round-change", { invariants: ["no contradicting votes"] }, 10],
] as const)("%s is caught by %o within %i seeds", (name, options, budget) => {
  const mutation = mutations[name];
  expect(mutation).toBeDefined();
  let caught: SimulationReport | undefined;
  for (let seed = 0; seed < budget && caught === undefined && mutation !== undefined; seed++) {
    const report = simulate({ ...options, seed, mutation });
    if (report.violations.length > 0) caught = report;
  }
  expect(caught?.violations.length).toBeGreaterThan(0);
});
