import type { FastVote, Prepare } from "./message.ts";
import { matching, type Turn } from "./turn.ts";
import { isWaitWorth, outlookAfter } from "./wait-outlook.ts";

/**
 * This voter's PREPARE with its share, where the engine has a fast path. From now on the voter holds the block,
 * and says at every round change that it gave the share. [F1]
 */
export function withShare(
  turn: Turn,
  prepare: Prepare,
  given: { readonly delay_ms: number; readonly block: Uint8Array },
): Prepare {
  const { height, round, voter, digest } = prepare;
  const { delay_ms, block } = given;
  const { shared } = turn.state;
  const vote = { height, round, voter, digest, delay_ms };
  const share = turn.context.signing.signShare(turn.state.voterSet.epoch, vote);
  if (round >= (shared?.round ?? 0)) turn.set({ shared: { round, digest, block } });
  turn.setVotes(round, { shares: new Map(turn.votes(round).shares).set(voter, share) });
  return { ...prepare, fast: { delay_ms, signature: share.signature } };
}

/** The shares for one block of a round that decide it; undefined where they do not yet, or never. [F2] */
export function decidingShares(turn: Turn, round: number): FastVote[] | undefined {
  const { shares } = turn.votes(round);
  const needed = turn.fastQuorum;
  if (needed === undefined || shares.size < needed) return undefined;
  for (const { digest } of shares.values()) {
    const same = matching(shares.values(), digest);
    if (same.length >= needed) return same;
  }
  return undefined;
}

/**
 * As the round's collector with a quorum of PREPAREs: gives the rest of the shares some time before the slow
 * path begins, where they came in time lately. True where the wait begins now. [F4]
 */
export function beginWait(turn: Turn): boolean {
  const { fastWait } = turn.votes();
  if (fastWait !== "none" || !isFastCollector(turn) || !isWaitWorth(turn.state.outlook)) {
    return false;
  }
  turn.setVotes(turn.state.round, { fastWait: "running" });
  turn.emit({ type: "set-timer", timer: "fast", delay_ms: fastWaitOf(turn) });
  return true;
}

/** Whether the collector still waits for shares. */
export function isWaiting(turn: Turn): boolean {
  return turn.votes().fastWait === "running";
}

/** The wait is over: the slow path goes on beside the fast one. */
export function endWait(turn: Turn): void {
  if (isWaiting(turn)) turn.setVotes(turn.state.round, { fastWait: "over" });
}

/** The collector of a decided round learns whether its shares came in time. */
export function noteOutcome(turn: Turn, round: number): void {
  if (!isFastCollector(turn, round)) return;
  const wasFast = decidingShares(turn, round) !== undefined;
  turn.set({ outlook: outlookAfter(turn.state.outlook, wasFast) });
}

function isFastCollector(turn: Turn, round: number = turn.state.round): boolean {
  const { self } = turn.state;
  if (turn.fastQuorum === undefined || self === undefined) return false;
  return turn.context.flow.prepareCollector(turn.place(round)) === self;
}

/** A tenth of a round's time where nothing else is said. */
function fastWaitOf({ context }: Turn): number {
  const { fastWait_ms, roundTimeout_ms } = context.timing;
  return fastWait_ms ?? Math.ceil(roundTimeout_ms / 10);
}
