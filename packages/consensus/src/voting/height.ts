import { equalBytes } from "@voltfog/runtime";
import type { HeightStarted } from "../engine.ts";

import { withShare } from "./fast-path.ts";

import { holdOn } from "./holding.ts";

import { takeKeptMessage } from "./intake.ts";
import { type Commit, type FastVote, slotOf } from "./message.ts";
import { becomeDue, moveTo, roundChangeOf, sendAgain } from "./rounds.ts";
import {
  initialState,
  type ParentDecision,
  type Prepared,
  type Shared,
  type VotingState,
  votesOf,
} from "./state.ts";
import { decisionOf } from "./transitions.ts";
import { matching, type Turn } from "./turn.ts";
import type { VoteRecord } from "./vote-record.ts";

/** Begins the next height: votes from disk first, then what others already said, then the timers. */
export function startHeight(turn: Turn, input: HeightStarted): void {
  const before = turn.state;
  if (input.height <= before.height) return;
  const { height, voterSet } = input;
  const self = voterSet.voters.findIndex(({ key }) =>
    equalBytes(key, turn.context.signing.publicKey),
  );
  turn.set({
    ...initialState(before.restored.filter((record) => record.height > height)),
    height,
    voterSet,
    leader: input.leader ?? 0,
    self: self < 0 ? undefined : self,
    transactionsWaiting: input.transactionsWaiting,
    parent: parentOf(before, height),
    unshown: before.unshown?.height === height - 1 ? before.unshown : undefined,
    future: before.future,
    outlook: before.outlook,
  });
  for (const timer of ["round", "resend"]) turn.emit({ type: "cancel-timer", timer });
  if (turn.fastQuorum !== undefined) turn.emit({ type: "cancel-timer", timer: "fast" });
  startTimers(turn, input);
  restoreVotes(
    turn,
    before.restored.filter((record) => record.height === height),
  );
  takeFuture(turn, before.voterSet.epoch);
  holdOn(turn, input);
}

/** The block time has passed: whatever waits may be proposed. [P2] */
export function becomeRipe(turn: Turn): void {
  turn.set({ ripe: true });
  if (turn.state.transactionsWaiting) becomeDue(turn);
}

function startTimers(turn: Turn, input: HeightStarted): void {
  if (input.idle_ms > 0) {
    turn.emit({ type: "set-timer", timer: "idle", delay_ms: input.idle_ms });
  } else {
    becomeDue(turn);
  }
  if (input.earliest_ms > 0) {
    turn.emit({ type: "set-timer", timer: "earliest", delay_ms: input.earliest_ms });
  } else {
    becomeRipe(turn);
  }
}

/** The parent's decision with every seal that came until now. */
function parentOf(before: VotingState, height: number): ParentDecision | undefined {
  const { decision, voterSet } = before;
  if (decision === undefined || decision.height !== height - 1) return undefined;
  const { form, round, digest } = decision;
  const { commits, shares } = votesOf(before, round);
  const seals = matching<Commit | FastVote>((form === "fast" ? shares : commits).values(), digest);
  return { decision: decisionOf({ height: decision.height, round, digest, seals }), voterSet };
}

/** Puts this voter where its votes on disk left it: same round, same votes, same prepared block. [V5] */
function restoreVotes(turn: Turn, records: readonly VoteRecord[]): void {
  if (records.length === 0) return;
  const round = Math.max(...records.map((record) => record.round));
  moveTo(turn, round);
  for (const record of records) restoreVote(turn, record);
  restoreRoundChange(turn, { round, records });
  sendAgain(turn, turn.others());
}

function restoreVote(turn: Turn, record: VoteRecord): void {
  const { self, voterSet, prepared } = turn.state;
  if (self === undefined || record.type === "round-change") return;
  const { height, round, digest } = record;
  const votes = turn.votes(round);
  const { signing } = turn.context;
  if (record.type === "proposal") {
    turn.set({ proposed: new Map(turn.state.proposed).set(round, digest) });
  } else if (record.type === "prepare") {
    const bare = signing.signPrepare(voterSet.epoch, { height, round, voter: self, digest });
    const prepare = record.fast === undefined ? bare : withShare(turn, bare, record.fast);
    turn.setVotes(round, { prepares: new Map(votes.prepares).set(self, prepare) });
  } else {
    const { delay_ms } = record;
    const vote = { height, round, voter: self, digest, delay_ms };
    const commit = signing.signCommit(voterSet.epoch, vote);
    turn.setVotes(round, { commits: new Map(votes.commits).set(self, commit) });
    if (round >= (prepared?.round ?? 0)) turn.set({ prepared: preparedOf(record) });
  }
}

/** The claim is made again from what was prepared below its round, so it says the same as before. */
function restoreRoundChange(
  turn: Turn,
  options: { round: number; records: readonly VoteRecord[] },
): void {
  const { round, records } = options;
  const { self } = turn.state;
  const said = records.some((record) => record.type === "round-change" && record.round === round);
  if (self === undefined || !said) return;
  let held: Prepared | undefined;
  let shared: Shared | undefined;
  for (const record of records) {
    if (record.round >= round) continue;
    if (record.type === "commit" && record.round >= (held?.round ?? 0)) held = preparedOf(record);
    if (record.type === "prepare" && record.round >= (shared?.round ?? 0)) {
      shared = sharedOf(record) ?? shared;
    }
  }
  const change = roundChangeOf(turn, { round, voter: self, prepared: held, shared });
  turn.setVotes(round, { roundChanges: new Map(turn.votes(round).roundChanges).set(self, change) });
}

function sharedOf(record: Extract<VoteRecord, { type: "prepare" }>): Shared | undefined {
  const { round, digest, fast } = record;
  return fast && { round, digest, block: fast.block };
}

function preparedOf(record: Extract<VoteRecord, { type: "commit" }>): Prepared {
  const { round, digest, block, prepares } = record;
  return { round, digest, block, prepares };
}

/** Kept messages were checked against the epoch they came in; another epoch's voters ask anew. */
function takeFuture(turn: Turn, keptEpoch: number): void {
  const { future, height, voterSet } = turn.state;
  turn.set({ future: new Map() });
  if (keptEpoch !== voterSet.epoch) return;
  const later = new Map(future);
  for (const [voter, messages] of future) {
    for (const message of messages) {
      if (slotOf(message).height === height) takeKeptMessage(turn, message);
    }
    const rest = messages.filter((message) => slotOf(message).height > height);
    if (rest.length > 0) later.set(voter, rest);
    else later.delete(voter);
  }
  turn.set({ future: later });
}
