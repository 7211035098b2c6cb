import type { RoundChange, VoteMessage } from "./message.ts";
import { limits, type Prepared, type RoundVotes, type Shared } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Starts round 0's timer: there is something to decide. */
export function becomeDue(turn: Turn): void {
  if (turn.state.due) return;
  turn.set({ due: true, due_ms: turn.now_ms });
  setRoundTimer(turn);
}

/** Goes to a higher round without a word: a proposal, or this voter's votes on disk, show that it was reached. */
export function moveTo(turn: Turn, round: number): void {
  enter(turn, round);
  setRoundTimer(turn);
}

/** The round's time begins now, for the first time. */
export function startRoundTimer(turn: Turn): void {
  turn.set({ due_ms: turn.now_ms });
  setRoundTimer(turn);
}

function enter(turn: Turn, round: number): void {
  turn.set({ round, due: true, due_ms: turn.now_ms, building: undefined, isTimed: false });
  keepNearRounds(turn);
  turn.emit({ type: "cancel-timer", timer: "round" });
  if (turn.fastQuorum !== undefined) turn.emit({ type: "cancel-timer", timer: "fast" });
  turn.emit({ type: "set-timer", timer: "resend", delay_ms: turn.context.timing.resend_ms });
}

/**
 * Goes to a higher round and says so, with what this voter holds prepared. The round's time begins only
 * when a quorum has come so far: a voter that is alone ahead would stay so for ever once timers have
 * stopped doubling, and rounds that do not overlap decide nothing. [R1]
 */
export function changeRound(turn: Turn, round: number): void {
  enter(turn, round);
  const { height, self, prepared, shared } = turn.state;
  if (self === undefined) return;
  turn.persist({ type: "round-change", height, round });
  const change = roundChangeOf(turn, { round, voter: self, prepared, shared });
  const roundChanges = new Map(turn.votes(round).roundChanges).set(self, change);
  turn.setVotes(round, { roundChanges });
  sendRoundChange(turn, { change, to: turn.others() });
}

/**
 * A signed ROUND-CHANGE with its proof. Where a voter holds one block prepared and gave its last share for
 * another, it sends the prepared one; those of the others bring the shared one, or its own turn to propose does.
 */
export function roundChangeOf(
  turn: Turn,
  held: {
    readonly round: number;
    readonly voter: number;
    readonly prepared: Prepared | undefined;
    readonly shared: Shared | undefined;
  },
): RoundChange {
  const { round, voter, shared } = held;
  const { height, voterSet } = turn.state;
  const prepared = turn.context.rules.claimedAtRoundChange(held.prepared);
  const claim = turn.context.signing.signClaim(voterSet.epoch, {
    height,
    round,
    voter,
    prepared: prepared && { round: prepared.round, digest: prepared.digest },
    ...(shared && { fast: { round: shared.round, digest: shared.digest } }),
  });
  const block = prepared?.block ?? shared?.block;
  return { type: "round-change", claim, prepares: prepared?.prepares ?? [], block };
}

/** Says this voter's votes of the current round again, and what it shows, to whom they may have been lost. [R5] */
export function sendAgain(turn: Turn, to: readonly number[]): void {
  const { self } = turn.state;
  if (self === undefined || to.length === 0) return;
  const votes = turn.votes();
  const change = votes.roundChanges.get(self);
  if (change !== undefined) sendRoundChange(turn, { change, to });
  const own: (VoteMessage | undefined)[] = [
    votes.proposal?.voter === self ? votes.proposal : undefined,
    votes.prepares.get(self),
    votes.commits.get(self),
    votes.shownPrepares,
    votes.shownCommits,
  ];
  for (const message of own) {
    if (message !== undefined) turn.emit({ type: "send", to, message });
  }
}

function setRoundTimer(turn: Turn): void {
  const { roundTimeout_ms, roundTimeoutMax_ms } = turn.context.timing;
  const delay_ms = Math.min(roundTimeout_ms * 2 ** turn.state.round, roundTimeoutMax_ms);
  turn.set({ isTimed: true });
  turn.emit({ type: "set-timer", timer: "round", delay_ms });
}

/** Only the round's proposer may need the block; the others get the claim and its proof. */
function sendRoundChange(
  turn: Turn,
  options: { change: RoundChange; to: readonly number[] },
): void {
  const { change } = options;
  const proposer = turn.proposer(change.claim.round);
  const rest = options.to.filter((voter) => voter !== proposer);
  if (options.to.includes(proposer)) turn.emit({ type: "send", to: [proposer], message: change });
  if (rest.length > 0) {
    turn.emit({ type: "send", to: rest, message: { ...change, block: undefined } });
  }
}

/** Forgets rounds far behind, and takes in the far round changes that are near now. */
function keepNearRounds(turn: Turn): void {
  const { round, rounds, farChanges } = turn.state;
  const near = new Map([...rounds].filter(([each]) => each >= round - limits.roundsBehind));
  const far = new Map(farChanges);
  for (const [voter, change] of farChanges) {
    const at = change.claim.round;
    if (at > round + limits.roundsAhead) continue;
    far.delete(voter);
    if (at >= round) near.set(at, withRoundChange(near.get(at) ?? turn.votes(at), change));
  }
  turn.set({ rounds: near, farChanges: far });
}

function withRoundChange(votes: RoundVotes, change: RoundChange): RoundVotes {
  const roundChanges = new Map(votes.roundChanges).set(change.claim.voter, change);
  return { ...votes, roundChanges };
}
