import { expect, test } from "vitest";
import { comparisonMutations } from "./comparison-mutations.ts";
import { proofOfWork, publishedAuthority, raft } from "./contestants.ts";
import { type ComparisonRun, simulateComparison } from "./simulate-comparison.ts";

const contestants = [proofOfWork({}), publishedAuthority({}), raft({})];
const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const replicasOf = (seed: number): number => 3 + (seed % 5);
const sum = (runs: readonly ComparisonRun[], of: (run: ComparisonRun) => number): number =>
  runs.reduce((total, run) => total + of(run), 0);

/** Seeds of every storm, run once for all the tests that look at them. */
const storms = new Map(
  contestants.map((contestant) => [
    contestant.name,
    seeds(16).map((seed) => simulateComparison({ seed, contestant, replicas: replicasOf(seed) })),
  ]),
);
const stormsOf = (name: string): readonly ComparisonRun[] => storms.get(name) ?? [];

test.each(contestants)("$name keeps its promises through the storms of the seeds", ({ name }) => {
  const runs = stormsOf(name);
  for (const [seed, { violations }] of runs.entries()) {
    expect(violations, `seed ${seed}`).toEqual([]);
  }
  expect(sum(runs, ({ crashes }) => crashes)).toBeGreaterThan(20);
  expect(sum(runs, ({ joined }) => joined)).toBeGreaterThan(1000);
});

test.each(contestants)("one seed gives one trace of $name, another seed another", (contestant) => {
  const traceOf = (seed: number): number =>
    simulateComparison({ seed, contestant, replicas: 4 }).trace;
  expect(traceOf(5)).toBe(traceOf(5));
  expect(traceOf(5)).not.toBe(traceOf(6));
});

test("only raft never takes back a block that it called final, as long as nobody lies", () => {
  const undone = ({ finalsUndone }: ComparisonRun): number => finalsUndone;
  expect(sum(stormsOf("raft"), undone)).toBe(0);
  expect(sum(stormsOf("poa-published"), undone)).toBeGreaterThan(0);
  // Three miners, so two blocks deep: a partition of some seconds is enough.
  const pow = seeds(16).map((seed) =>
    simulateComparison({ seed, contestant: proofOfWork({}), replicas: 3 }),
  );
  expect(sum(pow, undone)).toBeGreaterThan(0);
});

test("where nothing fails proof of work forks, and undoes nothing that is a majority deep", () => {
  const runs = seeds(20).map((seed) =>
    simulateComparison({ seed, contestant: proofOfWork({}), replicas: 5, isCalm: true }),
  );
  expect(sum(runs, ({ left }) => left)).toBeGreaterThan(0);
  expect(sum(runs, ({ finalsUndone }) => finalsUndone)).toBe(0);
});

test("one replica that runs twice with the same keys breaks raft", () => {
  const broken = seeds(10).filter((seed) =>
    simulateComparison({ seed, contestant: raft({}), replicas: 5, twin: 0 }).violations.some(
      ({ checker }) => checker === "state-machine-safety",
    ),
  );
  expect(broken.length).toBeGreaterThan(0);
});

test("one authority that runs twice undoes committed blocks, and the chains still become one", () => {
  const contestant = publishedAuthority({});
  const runs = seeds(20).map((seed) =>
    simulateComparison({ seed, contestant, replicas: 5, twin: 0, isCalm: true }),
  );
  expect(sum(runs, ({ violations }) => violations.length)).toBe(0);
  expect(sum(runs, ({ finalsUndone }) => finalsUndone)).toBeGreaterThan(20);
});

test.each([
  ["a miner that does not work", proofOfWork({ isLazy: true })],
  ["an authority with a forged signature", publishedAuthority({ lie: "forger" })],
  ["an authority ahead of its slots", publishedAuthority({ lie: "hasty" })],
] as const)("%s changes no honest chain", (_, contestant) => {
  for (const seed of seeds(5)) {
    const { violations } = simulateComparison({ seed, contestant, replicas: 5 });
    expect(violations, `seed ${seed}`).toEqual([]);
  }
});

const seedsMax = 40;

test.each(Object.entries(comparisonMutations))("a known mistake is caught: %s", (_, mutation) => {
  const { contestant, caughtBy } = mutation;
  const spoil = mutation.spoil === undefined ? {} : { spoil: mutation.spoil };
  const caught = seeds(seedsMax).find((seed) => {
    const replicas = mutation.replicas ?? replicasOf(seed);
    const run = simulateComparison({ seed, contestant, replicas, ...spoil });
    return run.violations.some(({ checker }) => caughtBy.includes(checker));
  });
  expect(caught).toBeDefined();
});
