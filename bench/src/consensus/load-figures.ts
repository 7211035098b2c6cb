import type { SeenBlock, SentTransaction } from "./validator-messages.ts";

/** Latencies of one load, from the intended moment of each transaction. */
export interface LoadFigures {
  readonly sent: number;
  /** Not final when the wait for them ended, or refused. */
  readonly missing: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  /** Until the block six above the transaction's was final too; undefined where none came so far. */
  readonly sixBlocksP50_ms: number | undefined;
  /** Final ones over the time from the first intended moment to the last block that had any. */
  readonly rate_Hz: number;
}

export const publishedDepth = 6;

/** A transaction that never became final counts as infinitely late. */
export function loadFigures(o: {
  sent: readonly SentTransaction[];
  refused: number;
  seen: readonly SeenBlock[];
}): LoadFigures {
  const blockOf = new Map<string, SeenBlock>();
  for (const block of o.seen) for (const hash of block.transactions) blockOf.set(hash, block);
  const at_ms = new Map(o.seen.map((block) => [block.height, block.at_ms]));
  const final_ms: number[] = [];
  const deep_ms: number[] = [];
  let missing = o.refused;
  for (const { hash, intended_ms } of o.sent) {
    const block = blockOf.get(hash);
    const deepAt_ms = block && at_ms.get(block.height + publishedDepth);
    if (deepAt_ms !== undefined) deep_ms.push(deepAt_ms - intended_ms);
    if (block === undefined) missing++;
    else final_ms.push(block.at_ms - intended_ms);
  }
  const total = o.sent.length + o.refused;
  const all_ms = [...final_ms, ...Array.from({ length: missing }, () => Number.POSITIVE_INFINITY)];
  return {
    sent: total,
    missing,
    p50_ms: quantile(all_ms, 0.5),
    p95_ms: quantile(all_ms, 0.95),
    p99_ms: quantile(all_ms, 0.99),
    sixBlocksP50_ms: deep_ms.length === 0 ? undefined : quantile(deep_ms, 0.5),
    rate_Hz: rateOf({ ...o, included: final_ms.length }),
  };
}

/** Nearest rank; infinite where there is nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY;
}

/** From the first intended moment to the last block that had any: what was taken in all that time. */
function rateOf(o: {
  sent: readonly SentTransaction[];
  included: number;
  seen: readonly SeenBlock[];
}): number {
  const start_ms = o.sent.reduce((least, one) => Math.min(least, one.intended_ms), Infinity);
  const end_ms = o.seen.findLast(({ transactions }) => transactions.length > 0)?.at_ms ?? 0;
  return end_ms > start_ms ? (1000 * o.included) / (end_ms - start_ms) : 0;
}
