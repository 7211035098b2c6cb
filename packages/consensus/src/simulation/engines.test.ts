import { engineNamed } from "@voltfog/ledger";
import { assert, SeededRandom } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { planFaults } from "./fault-plan.ts";
import type { VotingEngine } from "./mutation.ts";
import { mutationsOf } from "./mutations.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulate.ts";

const engines = ["pbft", "linear", "sbft", "sbft:1", "hotstuff"] as const;

function choiceOf(text: string): NonNullable<SimulationOptions["engine"]> {
  const engine = engineNamed(text);
  assert(engine !== undefined, `${text} names an engine`);
  return engine;
}

/** What a failing run says, so that its seed can be run again. */
function failures(reports: readonly SimulationReport[]): string[] {
  return reports
    .filter(({ violations }) => violations.length > 0)
    .map(({ seed, violations }) => `seed ${seed}: ${JSON.stringify(violations[0])}`);
}

test.each(engines)("%s keeps every invariant through seeded faults and liars", (name) => {
  const engine = choiceOf(name);
  const reports = Array.from({ length: 16 }, (_, seed) => simulate({ engine, seed }));
  expect(failures(reports)).toEqual([]);
  expect(reports.every(({ height }) => height >= 20)).toBe(true);
});

test.each(engines)("%s: one seed gives one trace, another seed another", (name) => {
  const engine = choiceOf(name);
  const [first, again, other] = [5, 5, 6].map((seed) => simulate({ engine, seed }));
  expect(again).toEqual(first);
  expect(other?.traceHash).not.toBe(first?.traceHash);
});

test.each([
  ["poa", []],
  ["pbft", ["mute"]],
  ["linear", ["mute", "hoarder", "favourer", "counterfeiter"]],
  ["sbft", ["mute", "hoarder", "favourer", "counterfeiter", "turncoat"]],
  ["hotstuff", ["mute", "hoarder", "favourer", "counterfeiter"]],
])("%s has the liars of every engine, and %j", (name, own) => {
  const random = new SeededRandom(1);
  const seen = new Set<string>();
  for (let run = 0; run < 200; run++) {
    const size = { voters: 4, seats: 4, faultLimit: 1 };
    const plan = planFaults({ random, engine: choiceOf(name), ...size, style: undefined });
    for (const style of plan.faulty.values()) seen.add(style);
  }
  const common = ["twins", "forgetful", "usurper", "forger", "deserter", "flooder", "slanderer"];
  expect([...seen].sort()).toEqual([...common, ...own].sort());
});

/** How each height was decided by whoever decided it first, in order; one list for each of six seeds. */
function formsOf(
  options: Pick<SimulationOptions, "faulty" | "voters">,
  name: string,
): readonly (readonly string[])[] {
  const engine = choiceOf(name);
  return Array.from({ length: 6 }, (_, seed) => {
    const forms = new Map<number, string>();
    const watching = (watched: VotingEngine): VotingEngine => ({
      restore: watched.restore,
      step(state, input) {
        const step = watched.step(state, input);
        for (const effect of step.effects) {
          if (effect.type !== "deliver") continue;
          const { height, form } = effect.decision;
          if (!forms.has(height)) forms.set(height, form);
        }
        return step;
      },
    });
    simulate({ ...options, engine, seed, spares: 0, mutation: { engine: watching } });
    return [...forms.values()];
  });
}

test.each([4, 7])("%i voters of sbft decide slowly while a voter is mute", (voters) => {
  const forms = formsOf({ faulty: "mute", voters }, "sbft").flat();
  expect(new Set(forms)).toEqual(new Set(["commit"]));
});

test("sbft decides fast with a mute voter where one is redundant", () => {
  const forms = formsOf({ faulty: "mute", voters: 6 }, "sbft:1").flat();
  const fast = forms.filter((form) => form === "fast").length;
  expect(fast).toBeGreaterThan(forms.length / 2);
});

test("sbft goes from the fast path to the slow one and back while faults come and go", () => {
  const runs = formsOf({ voters: 4 }, "sbft").map((forms) => forms.join(" "));
  expect(runs.some((forms) => /fast commit( commit)* fast/.test(forms))).toBe(true);
});

type Watched = Omit<SimulationOptions, "seed" | "engine" | "mutation">;

const alone = (invariant: string, options: Watched = {}): Watched => ({
  ...options,
  invariants: [invariant],
});

test.each<readonly [engine: string, mutation: string, options: Watched, seeds: number]>([
  ["pbft", "leader-not-replaced", alone("liveness after healing", { faulty: "mute" }), 10],
  ["pbft", "prepared-block-dropped-at-round-change", alone("agreement"), 400],
  ["linear", "leader-not-replaced", alone("liveness after healing", { faulty: "hoarder" }), 10],
  ["linear", "certificate-unverified", { faulty: "counterfeiter" }, 20],
  [
    "linear",
    "certificate-of-another-round",
    alone("prepared by a quorum", { faulty: "counterfeiter" }),
    40,
  ],
  ["linear", "certificate-signer-counted-twice", { faulty: "counterfeiter" }, 20],
  ["sbft", "slow-path-never-entered", alone("liveness after healing", { faulty: "mute" }), 20],
  ["sbft", "fast-quorum-one-short", alone("certificates"), 20],
  ["sbft", "fast-evidence-ignored", alone("evidence followed"), 20],
  ["sbft:1", "fast-evidence-ignored", alone("agreement"), 200],
  ["sbft", "share-denied-at-round-change", alone("no contradicting votes"), 20],
  ["hotstuff", "certificate-unverified", { faulty: "counterfeiter" }, 20],
  [
    "hotstuff",
    "certificate-of-another-round",
    alone("prepared by a quorum", { faulty: "counterfeiter" }),
    40,
  ],
  ["hotstuff", "certificate-signer-counted-twice", { faulty: "counterfeiter" }, 20],
  ["hotstuff", "votes-forgotten-at-restart", alone("no contradicting votes"), 50],
])("%s with %s is caught by %o within %i seeds", (name, mutationName, options, budget) => {
  const engine = choiceOf(name);
  const mutation = mutationsOf(engine)[mutationName];
  assert(mutation !== undefined, `${name} can have ${mutationName}`);
  let caught: SimulationReport | undefined;
  for (let seed = 0; seed < budget && caught === undefined; seed++) {
    const report = simulate({ ...options, engine, seed, mutation });
    if (report.violations.length > 0) caught = report;
  }
  expect(mutation.caughtBy).toContain(caught?.violations[0]?.invariant);
});
