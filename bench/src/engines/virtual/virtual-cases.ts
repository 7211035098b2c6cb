import { timedChainRun } from "@voltfog/consensus/comparison-node";
import { type TimedLink, type TimedRun, timedRun } from "@voltfog/consensus/simulation";
import { type EngineName, engineNames, faultyMaxOf } from "@voltfog/ledger";
import { type Facts, quantile, rounded } from "@voltfog/runtime";
import { messagesByFormula } from "./message-formulas.ts";
import { mean } from "./power-law.ts";

/** The thesis's numbers of nodes, D5.3's, and those of 3f + 1 between. */
export const allSizes: readonly number[] = [4, 7, 8, 10, 16, 20, 32, 64];

const seed = 1;
const noWait_ms = 1;

/** Who fails while messages and phases are looked at; the engine's path follows from it. */
interface FlowCase {
  readonly engine: EngineName;
  readonly redundant: number;
  readonly n: number;
  readonly silent: number;
  readonly link: TimedLink;
}

const link25: TimedLink = { mean_ms: 25, jitter_ms: 0 };

/** Every engine at every size; and sbft with a voter that says nothing, with and without redundancy. */
export function flowCases(sizes: readonly number[]): FlowCase[] {
  const common = { redundant: 0, silent: 0, link: link25 };
  const all = engineNames.flatMap((engine) => sizes.map((n) => ({ ...common, engine, n })));
  const jittered = { ...common, n: 20, link: { mean_ms: 25, jitter_ms: 10 } };
  return [
    ...all,
    ...engineNames.map((engine) => ({ ...jittered, engine })),
    { ...common, engine: "sbft", n: 6, redundant: 1 },
    { ...common, engine: "sbft", n: 6, redundant: 1, silent: 1 },
    { ...common, engine: "sbft", n: 4, silent: 1 },
    { ...common, engine: "linear", n: 4, silent: 1 },
  ];
}

/** Messages, bytes and phases of one case: blocks without transactions, one after the other without a wait. */
export function runFlow(one: FlowCase, decisions: number): Facts {
  const { engine, redundant, n, silent, link } = one;
  const run = timedRun({
    engine: { name: engine, redundant },
    ...{ voters: n, silent, link, decisions, seed, blockInterval_ms: noWait_ms },
  });
  const messages = total(run.messages);
  const committed_ms = rounded(quantile(run.committed_ms, 0.5));
  return {
    part: "flow",
    ...{ engine, n, f: faultyMaxOf({ name: engine, redundant }, n), redundant, silent },
    ...{ link_ms: link.mean_ms, jitter_ms: link.jitter_ms, mode: "virtual" },
    messages_per_decision: rounded(messages),
    byFormula: silent === 0 ? messagesByFormula(engine, n) : null,
    messages: run.messages,
    bytes_per_decision: rounded(total(run.bytes)),
    bytes: run.bytes,
    retries: run.retries,
    fastShare: run.fastDecisions / decisions,
    laterRounds: run.laterRounds,
    committed_ms,
    committedLinks: rounded(committed_ms / link.mean_ms),
  };
}

/** Latencies of transactions at one block interval. */
export function runInterval(o: {
  engine: EngineName;
  n: number;
  link: TimedLink;
  blockInterval_ms: number;
  decisions: number;
}): Facts {
  const { engine, n, link, blockInterval_ms, decisions } = o;
  const transactionEvery_ms = blockInterval_ms / 9.7;
  const choice = { name: engine, redundant: 0 };
  const { transactions } = timedRun({
    ...{ engine: choice, voters: n, link, blockInterval_ms, decisions, seed, transactionEvery_ms },
  });
  return {
    part: "interval",
    ...{ engine, n, f: faultyMaxOf(choice, n), mode: "virtual" },
    ...{ link_ms: link.mean_ms, jitter_ms: link.jitter_ms, interval_ms: blockInterval_ms },
    transactions: transactions.length,
    inclusion_ms: rounded(mean(transactions.map((each) => each.included_ms))),
    finality_ms: rounded(mean(transactions.map((each) => each.final_ms))),
    inclusion_and_6_ms: rounded(mean(transactions.map((each) => each.buried_ms))),
  };
}

/** The same for the engines to compare with, over several seeds: proof of work's intervals are chance. */
export function runChainInterval(o: {
  engine: "pow" | "poa-published";
  n: number;
  link: TimedLink;
  blockInterval_ms: number;
  blocks: number;
}): Facts {
  const { engine, n, link, blockInterval_ms, blocks } = o;
  const seeds = [1, 2, 3];
  const runs = seeds.map((each) =>
    timedChainRun({ ...{ engine, replicas: n, link, blockInterval_ms, blocks }, seed: each }),
  );
  const records = runs.flatMap((run) => run.records);
  return {
    part: "interval",
    ...{ engine, n, mode: "virtual" },
    ...{ link_ms: link.mean_ms, jitter_ms: link.jitter_ms, interval_ms: blockInterval_ms },
    transactions: records.length,
    inclusion_ms: rounded(mean(records.map((each) => each.included_ms))),
    finality_ms: rounded(mean(records.map((each) => each.final_ms))),
    inclusion_and_6_ms: rounded(mean(records.map((each) => each.buried_ms))),
    blocks: blocks * seeds.length,
    reorganised: sum(runs.map(({ removed }) => removed)),
    reorganisedFinal: sum(runs.map(({ removedFinal }) => removedFinal)),
    messagesPerBlock: rounded(mean(runs.map((run) => run.messagesPerBlock))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function total(counts: TimedRun["messages"]): number {
  return sum(Object.values(counts));
}
