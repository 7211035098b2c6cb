import { quantile } from "@voltfog/runtime";
import type { Collected } from "../../consensus/consortium-under-test.ts";
import { isVote } from "../../consensus/message-count.ts";
import type { ClientRun } from "./client-messages.ts";

/** What one load on one site came to. */
export interface CellFigures {
  readonly cell: string;
  readonly loop: "closed" | "open";
  readonly clients: number;
  readonly isDurable: boolean;
  /** In the open loop. */
  readonly offered_Hz: number | undefined;
  /** Mean, without the transaction's own 143. */
  readonly payload_bytes: number;
  /** Distinct operations that f + 1 validators answered alike, over the time from the first sending to the last answer. */
  readonly rate_Hz: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** All validators together, the clients not. */
  readonly cpuPerOp_us: number;
  readonly perOp_bytes: number;
  readonly answered: number;
  readonly refused: number;
  readonly turnedAway: number;
  readonly missing: number;
  readonly blocks: number;
  /** Votes of any kind, said for the first time, for each block. */
  readonly votesPerBlock: number;
  readonly votesAgain: number;
  /** Every kind for each block, such as "prepare 9". */
  readonly messages: string;
}

export type CellPlan = Pick<CellFigures, "cell" | "loop" | "clients" | "isDurable" | "offered_Hz">;

/** From what validators had counted before and after, and what clients saw between. */
export function cellFigures(
  plan: CellPlan,
  seen: { before: Collected; after: Collected; run: ClientRun },
): CellFigures {
  const { before, after, run } = seen;
  const operations = run.answered_ms.length;
  const blocks = after.height - before.height;
  const counted = after.counted.map(({ kind, first, again }) => {
    const earlier = before.counted.find((one) => one.kind === kind);
    return { kind, first: first - (earlier?.first ?? 0), again: again - (earlier?.again ?? 0) };
  });
  const votes = counted.filter(({ kind }) => isVote(kind));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const perBlock = (count: number): number => count / Math.max(1, blocks);
  return {
    ...plan,
    payload_bytes: run.payload_bytes,
    rate_Hz: rateOf(run),
    p50_ms: operations === 0 ? Number.POSITIVE_INFINITY : quantile(run.took_ms, 0.5),
    p99_ms: isLost(run) ? Number.POSITIVE_INFINITY : quantile(run.took_ms, 0.99),
    cpuPerOp_us: (1000 * (after.cpu_ms - before.cpu_ms)) / Math.max(1, operations),
    perOp_bytes: (after.sent_bytes - before.sent_bytes) / Math.max(1, operations),
    answered: operations,
    refused: run.refused,
    turnedAway: run.turnedAway,
    missing: run.missing,
    blocks,
    votesPerBlock: perBlock(sum(votes.map(({ first }) => first))),
    votesAgain: sum(votes.map(({ again }) => again)),
    messages: counted
      .filter(({ first }) => first > 0)
      .map(({ kind, first }) => `${kind} ${perBlock(first).toFixed(1)}`)
      .join(", "),
  };
}

/**
 * To the last answer and not to the last sending: with many clients answers come by hundreds, and a few blocks
 * would decide on which side of a moment they fall. 0 where nothing was answered.
 */
export function rateOf({ answered_ms, start_ms }: ClientRun): number {
  const last_ms = answered_ms.at(-1) ?? start_ms;
  return last_ms > start_ms ? (1000 * answered_ms.length) / (last_ms - start_ms) : 0;
}

/** More than one in a hundred has no answer. */
function isLost({ answered_ms, missing, turnedAway }: ClientRun): boolean {
  const lost = missing + turnedAway;
  return answered_ms.length === 0 || 100 * lost > answered_ms.length + lost;
}

/** The longest time without any answer that touches the time from an event on; Infinity where none came after. */
export function gapAfter(run: ClientRun, event_ms: number): number {
  const moments = [...run.answered_ms].sort((a, b) => a - b);
  let last_ms = run.start_ms;
  let gap_ms = 0;
  for (const at_ms of moments) {
    if (at_ms > event_ms) gap_ms = Math.max(gap_ms, at_ms - last_ms);
    last_ms = at_ms;
  }
  return last_ms <= event_ms ? Number.POSITIVE_INFINITY : gap_ms;
}
