import {
  claimQuorumOf,
  type EngineChoice,
  fastQuorumOf,
  faultyMaxOf,
  quorumOf,
  redundantOf,
} from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { VoterSet } from "../engine.ts";
import type {
  Commit,
  FastVote,
  Prepare,
  Proposal,
  RoundChange,
  RoundChangeClaim,
} from "./message.ts";
import { type SafeBlock, safeBlockOf } from "./safe-block.ts";
import type { Signing } from "./signing.ts";
import type { Prepared } from "./state.ts";

/** What the proofs inside a message are checked against. */
export interface ProofContext {
  readonly voterSet: VoterSet;
  readonly signing: Signing;
}

/** A vote as a certificate shows it. */
export type ShownVote = Prepare | Commit | FastVote;

/** A certificate as its votes, all of one kind. */
export interface ShownVotes {
  readonly height: number;
  readonly round: number;
  readonly digest: Uint8Array;
  readonly votes: readonly ShownVote[];
}

export interface ShownContext extends ProofContext {
  /** Whether this voter holds such a vote already, verified when it came. */
  isHeld(vote: ShownVote): boolean;
}

/**
 * The rules that safety rests on, apart from the machine that follows them, so that a test can break
 * one at a time and see the simulator's checkers object. The product knows only {@link rulesOf}.
 */
export interface VotingRules {
  quorum(voterCount: number): number;
  /** Shares that decide in one phase; undefined where the engine has no fast path. [F2] */
  fastQuorum(voterCount: number): number | undefined;
  /** Claims that a round is changed with. */
  claimQuorum(voterCount: number): number;
  /** Which block claims leave to propose. [F3] */
  safeBlock(claims: readonly RoundChangeClaim[], voterCount: number): SafeBlock;
  /** Whether a round change proves what it claims to hold prepared. [R2] */
  isRoundChangeProved(change: RoundChange, context: ProofContext): boolean;
  /** Whether a proposal shows that its round was changed to and that its block may stand there. [V1] */
  isProposalJustified(proposal: Proposal, context: ProofContext): boolean;
  /** Whether a collector's certificate holds what it says. [C2] */
  isCertificateProved(certificate: ShownVotes, context: ShownContext): boolean;
  /** What a voter states at a round change. */
  claimedAtRoundChange(prepared: Prepared | undefined): Prepared | undefined;
}

/** The rules of QBFT (EEA QBFT Blockchain Consensus Protocol Specification, version 1), with an engine's quorum. */
export function rulesOf(engine: EngineChoice): VotingRules {
  const quorum = (voters: number): number => quorumOf(engine, voters);
  const fastQuorum = (voters: number): number | undefined => fastQuorumOf(engine, voters);
  const claimQuorum = (voters: number): number => claimQuorumOf(engine, voters);
  const safeBlock: VotingRules["safeBlock"] = (claims, voters) =>
    safeBlockOf(claims, fastClaimsOf(engine, voters));
  return {
    quorum,
    fastQuorum,
    claimQuorum,
    safeBlock,
    isRoundChangeProved(change, context) {
      return isRoundChangeProved({
        change,
        context,
        quorum: quorum(context.voterSet.voters.length),
      });
    },
    isProposalJustified(proposal, context) {
      const voters = context.voterSet.voters.length;
      return isProposalJustified({
        proposal,
        context,
        quorum: quorum(voters),
        claimQuorum: claimQuorum(voters),
        safeBlock: (claims) => safeBlock(claims, voters),
      });
    },
    isCertificateProved(certificate, context) {
      const { votes } = certificate;
      const voters = context.voterSet.voters.length;
      const needed = votes[0]?.type === "fast" ? fastQuorum(voters) : quorum(voters);
      if (needed === undefined) return false;
      return isQuorumOf({
        votes,
        at: certificate,
        context,
        quorum: needed,
        isHeld: (vote) => context.isHeld(vote),
      });
    },
    claimedAtRoundChange: (prepared) => prepared,
  };
}

/** Shares of one block that are evidence at a round change: f + c + 1. */
function fastClaimsOf(engine: EngineChoice, voters: number): number | undefined {
  if (fastQuorumOf(engine, voters) === undefined) return undefined;
  return faultyMaxOf(engine, voters) + redundantOf(engine, voters) + 1;
}

export function isRoundChangeProved(options: {
  change: RoundChange;
  context: ProofContext;
  quorum: number;
}): boolean {
  const { claim, prepares } = options.change;
  if (claim.round < 1 || !isOfLowerRounds(claim)) return false;
  if (claim.prepared === undefined) return prepares.length === 0;
  const { round, digest } = claim.prepared;
  return isQuorumOf({
    ...options,
    votes: prepares,
    at: { height: claim.height, round, digest },
  });
}

export function isProposalJustified(options: {
  proposal: Proposal;
  context: ProofContext;
  quorum: number;
  /** As many as the quorum where not given. */
  claimQuorum?: number;
  /** Without a fast path where not given. */
  safeBlock?: (claims: readonly RoundChangeClaim[]) => SafeBlock;
}): boolean {
  const { proposal, context, claimQuorum = options.quorum } = options;
  const { claims } = proposal;
  if (proposal.round === 0) return claims.length === 0 && proposal.prepares.length === 0;
  if (countVoters(claims) < claimQuorum || countVoters(claims) !== claims.length) return false;
  for (const claim of claims) {
    if (claim.height !== proposal.height || claim.round !== proposal.round) return false;
    if (!isOfLowerRounds(claim)) return false;
    if (!context.signing.verifyClaim(context.voterSet, claim)) return false;
  }
  const safe = options.safeBlock?.(claims) ?? safeBlockOf(claims, undefined);
  return isSafeProposed({ ...options, safe });
}

function isSafeProposed(options: {
  safe: SafeBlock;
  proposal: Proposal;
  context: ProofContext;
  quorum: number;
}): boolean {
  const { safe, proposal } = options;
  const { prepares } = proposal;
  if (safe.kind === "any") return prepares.length === 0;
  if (safe.kind === "fast") {
    return prepares.length === 0 && equalBytes(safe.digest, proposal.digest);
  }
  // Two claims of the same round may name different blocks; the prepares can prove only one of them.
  const at = { height: proposal.height, round: safe.round, digest: proposal.digest };
  return isQuorumOf({ ...options, votes: prepares, at });
}

function isOfLowerRounds({ round, prepared, fast }: RoundChangeClaim): boolean {
  return (prepared?.round ?? -1) < round && (fast?.round ?? -1) < round;
}

/** Whether enough voters, each once, signed this height, round and digest. */
export function isQuorumOf(options: {
  votes: readonly ShownVote[];
  at: { height: number; round: number; digest: Uint8Array };
  context: ProofContext;
  quorum: number;
  /** Spares the verification of votes that were verified before. */
  isHeld?: (vote: ShownVote) => boolean;
}): boolean {
  const { votes, at, context, isHeld } = options;
  const voters = countVoters(votes);
  if (voters < options.quorum || voters !== votes.length) return false;
  return votes.every(
    (vote) =>
      vote.height === at.height &&
      vote.round === at.round &&
      equalBytes(vote.digest, at.digest) &&
      (isHeld?.(vote) === true || context.signing.verify(context.voterSet, vote)),
  );
}

function countVoters(items: readonly { readonly voter: number }[]): number {
  return new Set(items.map(({ voter }) => voter)).size;
}
