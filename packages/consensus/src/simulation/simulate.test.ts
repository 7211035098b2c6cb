import { expect, test } from "vitest";
import { mutations } from "./mutations.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulate.ts";

function run(options: Omit<SimulationOptions, "seed">, seeds: number): SimulationReport[] {
  return Array.from({ length: seeds }, (_, seed) => simulate({ ...options, seed }));
}

const planned = ["crash", "partition", "loss", "slow", "clock", "replay"];

/** What a failing run says, so that its seed can be run again. */
function failures(reports: readonly SimulationReport[]): string[] {
  return reports
    .filter(({ violations }) => violations.length > 0)
    .map(({ seed, violations }) => `seed ${seed}: ${JSON.stringify(violations[0])}`);
}

test.each([4, 5, 6, 7])("%i voters keep every invariant through seeded faults", (voters) => {
  const reports = run({ voters }, 20);
  expect(failures(reports)).toEqual([]);
  expect(reports.every(({ height }) => height >= 20)).toBe(true);
  for (const { faults } of reports) {
    const kinds = planned.filter((kind) => faults[kind] !== undefined);
    expect(kinds.length).toBeGreaterThanOrEqual(2);
    expect(kinds.reduce((sum, kind) => sum + (faults[kind] ?? 0), 0)).toBeGreaterThanOrEqual(3);
  }
});

test("every fault that can be planned comes in some seed, and writes are lost", () => {
  const seen = new Set(run({}, 120).flatMap(({ faults }) => Object.keys(faults)));
  const liars = ["twins", "forgetful", "usurper", "forger", "deserter"];
  const others = ["flooder", "slanderer", "join", "leave"];
  const chance = ["lost-write", "lost-message", "doubled-message", "accusation"];
  expect([...seen].sort()).toEqual([...planned, ...liars, ...others, ...chance].sort());
});

test("voters join and leave among faults and liars, and nothing gives way", () => {
  const reports = run({ voters: 4, spares: 2 }, 15);
  expect(failures(reports)).toEqual([]);
  expect(reports.every(({ faults }) => faults["join"] === 2 && faults["leave"] === 2)).toBe(true);
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
  ["second-proposal-of-a-slot-taken", { invariants: ["no contradicting votes"] }, 60],
  ["duplicate-signer-counted", { invariants: ["certificates"] }, 10],
  ["future-messages-unbounded", { faulty: "flooder" }, 20],
  ["transaction-replayed", { invariants: ["validity"] }, 10],
  ["epoch-not-signed", { spares: 1, invariants: ["certificates"] }, 10],
  ["set-change-one-height-early", { spares: 1, invariants: ["certificates"] }, 10],
  ["set-change-early-at-some", { spares: 1, invariants: ["leader share"] }, 10],
  ["weights-unclamped", { invariants: ["leader share"] }, 20],
  ["weights-from-own-view", { invariants: ["leader share"] }, 10],
  ["evidence-kept-quiet", { faulty: "twins", invariants: ["accusations"] }, 20],
  ["evidence-unverified", { faulty: "slanderer", invariants: ["accusations"] }, 10],
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
