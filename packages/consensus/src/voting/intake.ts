import { equalBytes } from "@voltfog/runtime";
import type { CommitSeal } from "../engine.ts";
import { type CertificateMessage, isCertificateProved, takeCertificate } from "./collecting.ts";
import { noteContradiction } from "./evidence.ts";
import { parentIn } from "./holding.ts";
import {
  type Commit,
  type FastVote,
  fastVoteOf,
  isSigned,
  type Proposal,
  prepareOf,
  type RoundChange,
  type SignedMessage,
  sentDigest,
  slotOf,
  type VoteMessage,
} from "./message.ts";
import { limits } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Keeps a message that is new, in bounds and proved; everything else leaves the state as it was. */
export function takeMessage(turn: Turn, message: VoteMessage): void {
  const { state } = turn;
  const { height, voter } = slotOf(message);
  if (voter === state.self || voter >= state.voterSet.voters.length) return;
  if (!isSigned(message)) {
    if (height > state.height) keepCertificate(turn, message);
    else if (height === state.height) takeCertificate(turn, message, { isVerified: false });
  } else if (height > state.height) keepForLater(turn, message);
  else if (height < state.height) takeOld(turn, message);
  else takeCurrent(turn, message, { isVerified: false });
}

/** A message whose signatures were verified when it was kept for this height. */
export function takeKeptMessage(turn: Turn, message: VoteMessage): void {
  if (isSigned(message)) takeCurrent(turn, message, { isVerified: true });
  else takeCertificate(turn, message, { isVerified: true });
}

/** Whether the message's own signature was verified before. */
interface Checked {
  readonly isVerified: boolean;
}

function takeCurrent(turn: Turn, message: SignedMessage, checked: Checked): void {
  const { round } = slotOf(message);
  const now = turn.state.round;
  if (message.type === "round-change") {
    if (round < now) return;
    if (round > now + limits.roundsAhead) takeFarRoundChange(turn, message, checked);
    else takeRoundChange(turn, message, checked);
    return;
  }
  if (round < now - limits.roundsBehind || round > now + limits.roundsAhead) return;
  const known = knownMessage(turn, message);
  if (known !== undefined && !isShareNew(turn, known, message)) {
    noteContradiction(turn, [known, message]);
  } else if (isProved(turn, message, checked)) keep(turn, message);
}

/** A PREPARE that a certificate showed comes without its share, which may follow. */
function isShareNew(turn: Turn, known: SignedMessage, message: SignedMessage): boolean {
  if (known.type !== "prepare" || message.type !== "prepare" || message.fast === undefined) {
    return false;
  }
  const isHeld = turn.votes(message.round).shares.has(message.voter);
  return !isHeld && equalBytes(known.digest, message.digest);
}

function keep(turn: Turn, message: Exclude<SignedMessage, RoundChange>): void {
  const { round, voter } = message;
  const votes = turn.votes(round);
  switch (message.type) {
    case "proposal": {
      const isCurrent = turn.state.due && round === turn.state.round;
      const delay_ms = isCurrent ? turn.now_ms - turn.state.due_ms : 0;
      const proposalDelay_ms = Math.min(0xffffffff, Math.max(0, Math.round(delay_ms)));
      turn.setVotes(round, { proposal: message, proposalDelay_ms });
      keepProposersPrepare(turn, message);
      break;
    }
    case "prepare": {
      turn.setVotes(round, { prepares: new Map(votes.prepares).set(voter, message) });
      const share = fastVoteOf(message);
      if (share !== undefined) {
        turn.setVotes(round, { shares: new Map(votes.shares).set(voter, share) });
      }
      break;
    }
    case "commit":
      turn.setVotes(round, { commits: new Map(votes.commits).set(voter, message) });
      break;
  }
}

/** Where the flow has the proposer's PREPARE inside its proposal; it was verified with it. */
function keepProposersPrepare(turn: Turn, proposal: Proposal): void {
  const prepare = prepareOf(proposal);
  if (prepare === undefined) return;
  const { round, voter } = proposal;
  const { prepares } = turn.votes(round);
  const known = prepares.get(voter);
  if (known !== undefined) noteContradiction(turn, [known, prepare]);
  else turn.setVotes(round, { prepares: new Map(prepares).set(voter, prepare) });
}

function knownMessage(
  turn: Turn,
  message: SignedMessage,
): Exclude<SignedMessage, RoundChange> | undefined {
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

function isProved(turn: Turn, message: SignedMessage, { isVerified }: Checked): boolean {
  const { signing, rules, digestOf } = turn.context;
  const { voterSet } = turn.state;
  const isSound = (): boolean => isVerified || signing.verify(voterSet, message);
  const proof = { voterSet, signing };
  switch (message.type) {
    case "prepare":
    case "commit":
      return isSound();
    case "proposal": {
      if (message.voter !== turn.proposer(message.round)) return false;
      if (!isPrepareInPlace(turn, message)) return false;
      const digest = digestOf(message.block);
      if (digest === undefined || !equalBytes(digest, message.digest)) return false;
      return isSound() && rules.isProposalJustified(message, proof);
    }
    case "round-change": {
      if (!isBlockAsClaimed(turn, message)) return false;
      return isSound() && rules.isRoundChangeProved(message, proof);
    }
  }
}

function isPrepareInPlace(turn: Turn, proposal: Proposal): boolean {
  const { flow, signing } = turn.context;
  const prepare = prepareOf(proposal);
  if (prepare === undefined || !flow.isPrepareProposed) {
    return (prepare !== undefined) === flow.isPrepareProposed;
  }
  return signing.verify(turn.state.voterSet, prepare);
}

function isBlockAsClaimed(turn: Turn, { block, claim }: RoundChange): boolean {
  if (block === undefined) return true;
  const digest = turn.context.digestOf(block);
  const claimed = sentDigest(claim);
  return digest !== undefined && claimed !== undefined && equalBytes(digest, claimed);
}

function takeRoundChange(turn: Turn, change: RoundChange, checked: Checked): void {
  const { round, voter } = change.claim;
  const { roundChanges } = turn.votes(round);
  const known = roundChanges.get(voter);
  // The same claim may come again with the block that was missing.
  if (known !== undefined && (known.block !== undefined || change.block === undefined)) return;
  if (!isProved(turn, change, checked)) return;
  turn.setVotes(round, { roundChanges: new Map(roundChanges).set(voter, change) });
}

function takeFarRoundChange(turn: Turn, change: RoundChange, checked: Checked): void {
  const { farChanges } = turn.state;
  const { round, voter } = change.claim;
  if (round <= (farChanges.get(voter)?.claim.round ?? 0) || !isProved(turn, change, checked))
    return;
  turn.set({ farChanges: new Map(farChanges).set(voter, change) });
}

function keepForLater(turn: Turn, message: SignedMessage): void {
  const { state } = turn;
  const { height, voter } = slotOf(message);
  if (!turn.context.signing.verify(state.voterSet, message)) return;
  const parent = message.type === "proposal" ? parentIn(turn, message) : undefined;
  // A height that this proposal itself decides needs no fetching.
  if (parent === undefined) turn.emit({ type: "voter-ahead", voter, height });
  else takeCertificate(turn, parent, { isVerified: false });
  if (height > state.height + limits.heightsAhead) return;
  keepMessage(turn, message.type === "proposal" ? withoutParent(message) : message);
}

function withoutParent({ parent, ...proposal }: Proposal): Proposal {
  return proposal;
}

/** One certificate of each kind, height and round is enough, whoever shows it. */
function keepCertificate(turn: Turn, certificate: CertificateMessage): void {
  const { state } = turn;
  const { type, height, round, voter } = certificate;
  if (height > state.height + limits.heightsAhead || round > limits.roundsAhead) return;
  for (const messages of state.future.values()) {
    for (const kept of messages) {
      const at = slotOf(kept);
      if (kept.type === type && at.height === height && at.round === round) return;
    }
  }
  if (!isCertificateProved(turn, certificate)) return;
  turn.emit({ type: "voter-ahead", voter, height });
  keepMessage(turn, certificate);
}

function keepMessage(turn: Turn, message: VoteMessage): void {
  const { state } = turn;
  const { voter } = slotOf(message);
  const kept = [...(state.future.get(voter) ?? []), message];
  while (isOverLimit(kept)) kept.shift();
  turn.set({ future: new Map(state.future).set(voter, kept) });
}

function isOverLimit(kept: readonly VoteMessage[]): boolean {
  const blocks_bytes = kept.reduce((sum, message) => sum + blockLength(message), 0);
  return (
    kept.length > limits.futureMessagesPerVoter || blocks_bytes > limits.futureBlocksPerVoter_bytes
  );
}

function blockLength(message: VoteMessage): number {
  return message.type === "proposal" || message.type === "round-change"
    ? (message.block?.length ?? 0)
    : 0;
}

/** Older heights are answered with blocks; only a late seal of the parent is still of use. */
function takeOld(turn: Turn, message: SignedMessage): void {
  const { height, voter } = slotOf(message);
  const seal = sealOf(message);
  if (seal !== undefined && height === turn.state.height - 1) addLateSeal(turn, seal);
  else if (message.type === "round-change" || height < turn.state.height - 1) {
    turn.emit({ type: "voter-behind", voter, height });
  }
}

function sealOf(message: SignedMessage): Commit | FastVote | undefined {
  if (message.type === "prepare") return fastVoteOf(message);
  return message.type === "commit" ? message : undefined;
}

function addLateSeal(turn: Turn, late: Commit | FastVote): void {
  const { parent } = turn.state;
  if (parent === undefined) return;
  const { decision, voterSet } = parent;
  if (late.type !== decision.form || late.round !== decision.round) return;
  if (!equalBytes(late.digest, decision.digest)) return;
  if (decision.seals.some(({ voter }) => voter === late.voter)) return;
  if (!turn.context.signing.verify(voterSet, late)) return;
  const { voter, delay_ms, signature } = late;
  const seal: CommitSeal = { voter, delay_ms, signature };
  const seals = [...decision.seals, seal].sort((a, b) => a.voter - b.voter);
  turn.set({ parent: { decision: { ...decision, seals }, voterSet } });
}
