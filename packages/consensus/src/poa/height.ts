import { equalBytes } from "@voltfog/runtime";
import type { HeightStarted } from "../engine.ts";
import { takeKeptMessage } from "./intake.ts";
import { slotOf } from "./message.ts";
import { becomeDue, moveTo, sendAgain } from "./rounds.ts";
import { initialState, type ParentDecision, type PoaState, type Prepared } from "./state.ts";
import { decisionOf, matching } from "./transitions.ts";
import type { Turn } from "./turn.ts";
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
    self: self < 0 ? undefined : self,
    transactionsWaiting: input.transactionsWaiting,
    parent: parentOf(before, height),
    future: before.future,
  });
  for (const timer of ["round", "resend"]) turn.emit({ type: "cancel-timer", timer });
  startTimers(turn, input);
  restoreVotes(
    turn,
    before.restored.filter((record) => record.height === height),
  );
  takeFuture(turn, before.voterSet.epoch);
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
function parentOf(before: PoaState, height: number): ParentDecision | undefined {
  const { decision, voterSet } = before;
  if (decision === undefined || decision.height !== height - 1) return undefined;
  const { round, digest } = decision;
  const votes = before.rounds.get(round);
  const commits = matching(votes?.commits.values() ?? [], digest);
  return { decision: decisionOf({ height: decision.height, round, digest, commits }), voterSet };
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
    const prepare = signing.signPrepare(voterSet.epoch, { height, round, voter: self, digest });
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
  const { height, self, voterSet } = turn.state;
  const said = records.some((record) => record.type === "round-change" && record.round === round);
  if (self === undefined || !said) return;
  let held: Prepared | undefined;
  for (const record of records) {
    if (record.type !== "commit" || record.round >= round) continue;
    if (record.round >= (held?.round ?? 0)) held = preparedOf(record);
  }
  const claimed = turn.context.rules.claimedAtRoundChange(held);
  const claim = turn.context.signing.signClaim(voterSet.epoch, {
    height,
    round,
    voter: self,
    prepared: claimed && { round: claimed.round, digest: claimed.digest },
  });
  const prepares = claimed?.prepares ?? [];
  const change = { type: "round-change", claim, prepares, block: claimed?.block } as const;
  turn.setVotes(round, { roundChanges: new Map(turn.votes(round).roundChanges).set(self, change) });
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
