import { equalBytes } from "@voltfog/runtime";
import type { CommitSeal } from "../engine.ts";
import { type Commit, type PoaMessage, type RoundChange, slotOf } from "./message.ts";
import { limits } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Keeps a message that is new, in bounds and proved; everything else leaves the state as it was. */
export function takeMessage(turn: Turn, message: PoaMessage): void {
  const { state } = turn;
  const { height, voter } = slotOf(message);
  if (voter === state.self || voter >= state.voterSet.voters.length) return;
  if (height > state.height) keepForLater(turn, message);
  else if (height < state.height) takeOld(turn, message);
  else takeCurrent(turn, message);
}

/** A message whose signature was checked when it was kept for this height. */
export function takeKeptMessage(turn: Turn, message: PoaMessage): void {
  takeCurrent(turn, message);
}

function takeCurrent(turn: Turn, message: PoaMessage): void {
  const { round } = slotOf(message);
  const now = turn.state.round;
  if (message.type === "round-change") {
    if (round < now) return;
    if (round > now + limits.roundsAhead) takeFarRoundChange(turn, message);
    else takeRoundChange(turn, message);
    return;
  }
  if (round < now - limits.roundsBehind || round > now + limits.roundsAhead) return;
  const known = knownMessage(turn, message);
  if (known !== undefined) noteContradiction(turn, [known, message]);
  else if (isProved(turn, message)) keep(turn, message);
}

function keep(turn: Turn, message: Exclude<PoaMessage, RoundChange>): void {
  const { round, voter } = message;
  const votes = turn.votes(round);
  switch (message.type) {
    case "proposal": {
      const isCurrent = turn.state.due && round === turn.state.round;
      const delay_ms = isCurrent ? turn.now_ms - turn.state.due_ms : 0;
      const proposalDelay_ms = Math.min(0xffffffff, Math.max(0, Math.round(delay_ms)));
      turn.setVotes(round, { proposal: message, proposalDelay_ms });
      break;
    }
    case "prepare":
      turn.setVotes(round, { prepares: new Map(votes.prepares).set(voter, message) });
      break;
    case "commit":
      turn.setVotes(round, { commits: new Map(votes.commits).set(voter, message) });
      break;
  }
}

function knownMessage(
  turn: Turn,
  message: PoaMessage,
): Exclude<PoaMessage, RoundChange> | undefined {
  const { round, voter } = slotOf(message);
  const votes = turn.votes(round);
  switch (message.type) {
    case "proposal":
      return votes.proposal;
    case "prepare":
      return votes.prepares.get(voter);
    case "commit":
      return votes.commits.get(voter);
    case "round-change":
      return undefined;
  }
}

/** Two signed statements for one slot are evidence; which of them came first says nothing. */
function noteContradiction(
  turn: Turn,
  messages: readonly [Exclude<PoaMessage, RoundChange>, Exclude<PoaMessage, RoundChange>],
): void {
  const [known, other] = messages;
  if (known.voter !== other.voter || equalBytes(known.digest, other.digest)) return;
  if (!turn.context.signing.verify(turn.state.voterSet, other)) return;
  turn.emit({ type: "evidence", voter: known.voter, messages });
}

function isProved(turn: Turn, message: PoaMessage): boolean {
  const { signing, rules, digestOf } = turn.context;
  const { voterSet } = turn.state;
  const proof = { voterSet, signing };
  switch (message.type) {
    case "prepare":
    case "commit":
      return signing.verify(voterSet, message);
    case "proposal": {
      if (message.voter !== turn.proposer(message.round)) return false;
      const digest = digestOf(message.block);
      if (digest === undefined || !equalBytes(digest, message.digest)) return false;
      return signing.verify(voterSet, message) && rules.isProposalJustified(message, proof);
    }
    case "round-change": {
      if (!isBlockAsClaimed(turn, message)) return false;
      return signing.verify(voterSet, message) && rules.isRoundChangeProved(message, proof);
    }
  }
}

function isBlockAsClaimed(turn: Turn, { block, claim }: RoundChange): boolean {
  if (block === undefined) return true;
  const digest = turn.context.digestOf(block);
  return (
    digest !== undefined &&
    claim.prepared !== undefined &&
    equalBytes(digest, claim.prepared.digest)
  );
}

function takeRoundChange(turn: Turn, change: RoundChange): void {
  const { round, voter } = change.claim;
  const { roundChanges } = turn.votes(round);
  const known = roundChanges.get(voter);
  // The same claim may come again with the block that was missing.
  if (known !== undefined && (known.block !== undefined || change.block === undefined)) return;
  if (!isProved(turn, change)) return;
  turn.setVotes(round, { roundChanges: new Map(roundChanges).set(voter, change) });
}

function takeFarRoundChange(turn: Turn, change: RoundChange): void {
  const { farChanges } = turn.state;
  const { round, voter } = change.claim;
  if (round <= (farChanges.get(voter)?.claim.round ?? 0) || !isProved(turn, change)) return;
  turn.set({ farChanges: new Map(farChanges).set(voter, change) });
}

function keepForLater(turn: Turn, message: PoaMessage): void {
  const { state } = turn;
  const { height, voter } = slotOf(message);
  if (!turn.context.signing.verify(state.voterSet, message)) return;
  turn.emit({ type: "voter-ahead", voter, height });
  if (height > state.height + limits.heightsAhead) return;
  const kept = [...(state.future.get(voter) ?? []), message];
  while (isOverLimit(kept)) kept.shift();
  turn.set({ future: new Map(state.future).set(voter, kept) });
}

function isOverLimit(kept: readonly PoaMessage[]): boolean {
  const blocks_bytes = kept.reduce((sum, message) => sum + blockLength(message), 0);
  return (
    kept.length > limits.futureMessagesPerVoter || blocks_bytes > limits.futureBlocksPerVoter_bytes
  );
}

function blockLength(message: PoaMessage): number {
  return message.type === "proposal" || message.type === "round-change"
    ? (message.block?.length ?? 0)
    : 0;
}

/** Older heights are answered with blocks; only a late seal of the parent is still of use. */
function takeOld(turn: Turn, message: PoaMessage): void {
  const { height, voter } = slotOf(message);
  if (message.type === "commit" && height === turn.state.height - 1) addLateSeal(turn, message);
  else if (message.type === "round-change" || height < turn.state.height - 1) {
    turn.emit({ type: "voter-behind", voter, height });
  }
}

function addLateSeal(turn: Turn, commit: Commit): void {
  const { parent } = turn.state;
  if (parent === undefined) return;
  const { decision, voterSet } = parent;
  if (commit.round !== decision.round || !equalBytes(commit.digest, decision.digest)) return;
  if (decision.seals.some(({ voter }) => voter === commit.voter)) return;
  if (!turn.context.signing.verify(voterSet, commit)) return;
  const { voter, delay_ms, signature } = commit;
  const seal: CommitSeal = { voter, delay_ms, signature };
  const seals = [...decision.seals, seal].sort((a, b) => a.voter - b.voter);
  turn.set({ parent: { decision: { ...decision, seals }, voterSet } });
}
