import { quantile } from "@voltfog/runtime";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import type { BatteryCluster, Collected } from "./battery-cluster.ts";
import {
  type ChainChange,
  type ObservedBlock,
  observedChain,
  type RecordFate,
  type Reorganisations,
  recordFates,
  reorganisations,
  type SentRecord,
} from "./record-fates.ts";
import type { ReplicaTotals } from "./replica-messages.ts";

/** Of the records that came so far; a record that never did is infinitely late. */
export interface Latency {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
}

/** One load at one rate, and what all replicas did from its first record until its last was final. */
export interface LoadStep {
  readonly offered_Hz: number;
  readonly sent: number;
  /** Refused, or not in the chain, or not final, when the wait for them ended. */
  readonly missing: number;
  readonly inclusion: Latency;
  readonly finality: Latency;
  readonly inclusionAnd6: Latency;
  /** Final ones over the time from the first intended moment until the last of them was. */
  readonly final_Hz: number;
  readonly records: number;
  readonly for_ms: number;
  readonly blocks: number;
  readonly fullestBlock: number;
  /** Mean time between two blocks; undefined where there were not two. */
  readonly interval_ms: number | undefined;
  readonly reorganised: Reorganisations;
  /** Median finality of the records of each second; null where one of them never was. */
  readonly overTime_ms: readonly (number | null)[];
  /** By the replicas' places. */
  readonly works: readonly ReplicaTotals[];
}

const look_ms = 100;
/** Without any block in so many intervals no more of them come. */
const quietIntervals = 8;
const never_ms: number = Number.POSITIVE_INFINITY;

/** Sends for a while, waits until all is final (and buried, where asked), and counts. */
export async function runLoad(o: {
  cluster: BatteryCluster;
  rate_Hz: number;
  for_ms: number;
  isBuried: boolean;
  patience_ms: number;
}): Promise<LoadStep> {
  const { cluster, rate_Hz, for_ms } = o;
  const load = { rate_Hz, for_ms };
  await cluster.sign(load);
  const before = await cluster.collect();
  const changes: ChainChange[] = [...before.changes];
  const sent: SentRecord[] = [];
  let refused = 0;
  const { start_ms, end_ms } = await cluster.send(load);
  await cluster.wait(end_ms - sharedTime_ms());
  let after = before;
  let isOver = false;
  let lastChange_ms = sharedTime_ms();
  while (!isOver) {
    await cluster.wait(look_ms);
    after = await cluster.collect();
    sent.push(...after.sent);
    changes.push(...after.changes);
    refused += after.refused;
    const now_ms = sharedTime_ms();
    if (after.changes.length > 0) lastChange_ms = now_ms;
    const isQuiet = now_ms - lastChange_ms > quietIntervals * cluster.setting.blockInterval_ms;
    const fates = recordFates(sent, observedChain(changes));
    // An engine that makes no empty blocks buries nothing once the load is over.
    isOver = now_ms >= end_ms + o.patience_ms || areSafe(fates, o.isBuried && !isQuiet);
  }
  const chain = observedChain(changes);
  const fates = recordFates(sent, chain);
  const works = worksBetween(before, after);
  return stepOf({ rate_Hz, fates, chain, refused, works, start_ms, changes });
}

/** What each replica did between two moments; one that was killed is left out. */
function worksBetween(before: Collected, after: Collected): ReplicaTotals[] {
  return after.totals.flatMap((now, i) => {
    const then = before.totals[i];
    return now === undefined || then === undefined ? [] : [combined(now, then, (a, b) => a - b)];
  });
}

/** All together. */
export function workOf({ works }: Pick<LoadStep, "works">): ReplicaTotals {
  return works.reduce((sum, one) => combined(sum, one, (a, b) => a + b));
}

function combined(
  a: ReplicaTotals,
  b: ReplicaTotals,
  both: (a: number, b: number) => number,
): ReplicaTotals {
  return {
    cpu_ms: both(a.cpu_ms, b.cpu_ms),
    sent_bytes: both(a.sent_bytes, b.sent_bytes),
    messages: both(a.messages, b.messages),
    signaturesVerified: both(a.signaturesVerified, b.signaturesVerified),
    hashes: both(a.hashes, b.hashes),
    kinds: combinedKinds(a.kinds, b.kinds, both),
  };
}

function combinedKinds(
  a: ReplicaTotals["kinds"],
  b: ReplicaTotals["kinds"],
  both: (a: number, b: number) => number,
): ReplicaTotals["kinds"] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, both(a[name] ?? 0, b[name] ?? 0)]));
}

function areSafe(fates: readonly RecordFate[], isBuried: boolean): boolean {
  return fates.every(
    ({ final_ms, buried_ms }) => final_ms !== undefined && (!isBuried || buried_ms !== undefined),
  );
}

function stepOf(o: {
  rate_Hz: number;
  fates: readonly RecordFate[];
  chain: readonly ObservedBlock[];
  refused: number;
  works: readonly ReplicaTotals[];
  start_ms: number;
  changes: readonly ChainChange[];
}): LoadStep {
  const { fates, refused, start_ms, works } = o;
  const now_ms = sharedTime_ms();
  const final = fates.flatMap(({ final_ms }) => final_ms ?? []);
  const last_ms = Math.max(start_ms + 1, ...final);
  const chain = o.chain.filter(({ included_ms }) => included_ms >= start_ms);
  return {
    offered_Hz: o.rate_Hz,
    sent: fates.length + refused,
    missing: fates.length + refused - final.length,
    inclusion: latencyOf(fates, refused, ({ included_ms }) => included_ms),
    finality: latencyOf(fates, refused, ({ final_ms }) => final_ms),
    inclusionAnd6: latencyOf(fates, refused, ({ buried_ms }) => buried_ms),
    final_Hz: (1000 * final.length) / (last_ms - start_ms),
    records: final.length,
    for_ms: now_ms - start_ms,
    blocks: chain.length,
    fullestBlock: Math.max(0, ...chain.map(({ records }) => records.length)),
    interval_ms: intervalOf(chain),
    reorganised: reorganisations(o.changes),
    overTime_ms: overTime(fates, start_ms),
    works,
  };
}

function overTime(fates: readonly RecordFate[], start_ms: number): (number | null)[] {
  const seconds: number[][] = [];
  for (const { intended_ms, final_ms } of fates) {
    const second = Math.floor((intended_ms - start_ms) / 1000);
    seconds[second] = [...(seconds[second] ?? []), (final_ms ?? never_ms) - intended_ms];
  }
  return Array.from(seconds, (each) => {
    const median_ms = each === undefined ? never_ms : quantile(each, 0.5);
    return Number.isFinite(median_ms) ? Math.round(median_ms) : null;
  });
}

function intervalOf(chain: readonly ObservedBlock[]): number | undefined {
  const [first, last] = [chain[0], chain.at(-1)];
  if (first === undefined || last === undefined || chain.length < 2) return undefined;
  return (last.included_ms - first.included_ms) / (chain.length - 1);
}

function latencyOf(
  fates: readonly RecordFate[],
  refused: number,
  until: (fate: RecordFate) => number | undefined,
): Latency {
  const never = Array.from({ length: refused }, () => never_ms);
  const each_ms = fates.map((fate) => (until(fate) ?? never_ms) - fate.intended_ms);
  const all_ms = [...each_ms, ...never];
  if (all_ms.length === 0) return { p50_ms: never_ms, p95_ms: never_ms, p99_ms: never_ms };
  return {
    p50_ms: quantile(all_ms, 0.5),
    p95_ms: quantile(all_ms, 0.95),
    p99_ms: quantile(all_ms, 0.99),
  };
}
