import { quorum } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { VoterSet } from "../engine.ts";
import type { Prepare, Proposal, RoundChange, RoundChangeClaim } from "./message.ts";
import type { Signing } from "./signing.ts";
import type { Prepared } from "./state.ts";

/** What the proofs inside a message are checked against. */
export interface ProofContext {
  readonly voterSet: VoterSet;
  readonly signing: Signing;
}

/**
 * The rules that safety rests on, apart from the machine that follows them, so that a test can break
 * one at a time and see the simulator's checkers object. The product knows only {@link qbftRules}.
 */
export interface PoaRules {
  quorum(voterCount: number): number;
  /** Whether a round change proves what it claims to hold prepared. [R2] */
  isRoundChangeProved(change: RoundChange, context: ProofContext): boolean;
  /** Whether a proposal shows that its round was changed to and that its block may stand there. [V1] */
  isProposalJustified(proposal: Proposal, context: ProofContext): boolean;
  /** What a voter states at a round change. */
  claimedAtRoundChange(prepared: Prepared | undefined): Prepared | undefined;
}

/** The rules of QBFT (EEA QBFT Blockchain Consensus Protocol Specification, version 1). */
export const qbftRules: PoaRules = {
  quorum,
  isRoundChangeProved(change, context) {
    return isRoundChangeProved({
      change,
      context,
      quorum: quorum(context.voterSet.voters.length),
    });
  },
  isProposalJustified(proposal, context) {
    return isProposalJustified({
      proposal,
      context,
      quorum: quorum(context.voterSet.voters.length),
    });
  },
  claimedAtRoundChange: (prepared) => prepared,
};

export function isRoundChangeProved(options: {
  change: RoundChange;
  context: ProofContext;
  quorum: number;
}): boolean {
  const { claim, prepares } = options.change;
  if (claim.round < 1) return false;
  if (claim.prepared === undefined) return prepares.length === 0;
  if (claim.prepared.round >= claim.round) return false;
  const { round, digest } = claim.prepared;
  return isPrepareQuorum({ ...options, prepares, at: { height: claim.height, round, digest } });
}

export function isProposalJustified(options: {
  proposal: Proposal;
  context: ProofContext;
  quorum: number;
}): boolean {
  const { proposal, context } = options;
  const { claims, prepares } = proposal;
  if (proposal.round === 0) return claims.length === 0 && prepares.length === 0;
  if (countVoters(claims) < options.quorum || countVoters(claims) !== claims.length) return false;
  for (const claim of claims) {
    if (claim.height !== proposal.height || claim.round !== proposal.round) return false;
    if (claim.prepared !== undefined && claim.prepared.round >= claim.round) return false;
    if (!context.signing.verifyClaim(context.voterSet, claim)) return false;
  }
  const highest = highestPrepared(claims);
  if (highest === undefined) return prepares.length === 0;
  // Two claims of the same round may name different blocks; the prepares can prove only one of them.
  const at = { height: proposal.height, round: highest, digest: proposal.digest };
  return isPrepareQuorum({ ...options, prepares, at });
}

/** The highest prepared round among the claims, undefined where none holds anything. */
export function highestPrepared(claims: readonly RoundChangeClaim[]): number | undefined {
  let highest: number | undefined;
  for (const { prepared } of claims) {
    if (prepared !== undefined && prepared.round > (highest ?? -1)) highest = prepared.round;
  }
  return highest;
}

function isPrepareQuorum(options: {
  prepares: readonly Prepare[];
  at: { height: number; round: number; digest: Uint8Array };
  context: ProofContext;
  quorum: number;
}): boolean {
  const { prepares, at, context } = options;
  const voters = countVoters(prepares);
  if (voters < options.quorum || voters !== prepares.length) return false;
  return prepares.every(
    (prepare) =>
      prepare.height === at.height &&
      prepare.round === at.round &&
      equalBytes(prepare.digest, at.digest) &&
      context.signing.verify(context.voterSet, prepare),
  );
}

function countVoters(items: readonly { readonly voter: number }[]): number {
  return new Set(items.map(({ voter }) => voter)).size;
}
