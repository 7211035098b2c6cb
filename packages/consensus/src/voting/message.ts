import type { CertificateForm } from "@voltfog/ledger";
import type { CommitSeal } from "../engine.ts";

/** Signed by every voter that accepted the round's proposal. */
export interface Prepare {
  readonly type: "prepare";
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** The share of a fast certificate, where the engine has a fast path; never inside a proof. */
  readonly fast?: FastShare;
}

/** Enough of these make the block final in one phase; see fastCommitMessage in the ledger. */
export interface FastShare {
  /** As in {@link Commit}. */
  readonly delay_ms: number;
  readonly signature: Uint8Array;
}

/** A {@link FastShare} with its place: what a fast certificate is made of. */
export interface FastVote extends FastShare {
  readonly type: "fast";
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly digest: Uint8Array;
}

/** The share that a PREPARE carries. */
export function fastVoteOf(prepare: Prepare): FastVote | undefined {
  const { height, round, voter, digest, fast } = prepare;
  return fast && { type: "fast", height, round, voter, digest, ...fast };
}

/** The PREPARE alone, as proofs hold it. */
export function withoutShare({ fast: _, ...prepare }: Prepare): Prepare {
  return prepare;
}

/** A round's collector shows a quorum's PREPAREs to everybody. Proved by what it holds, signed by nobody. */
export interface PrepareCertificate {
  readonly type: "prepare-certificate";
  readonly height: number;
  readonly round: number;
  /** The collector. */
  readonly voter: number;
  readonly digest: Uint8Array;
  readonly prepares: readonly Prepare[];
}

/** A round's collector shows the seals that make the block final. Signed by nobody. */
export interface CommitCertificate {
  readonly type: "commit-certificate";
  readonly height: number;
  readonly round: number;
  /** The collector. */
  readonly voter: number;
  readonly digest: Uint8Array;
  readonly form: CertificateForm;
  readonly seals: readonly CommitSeal[];
}

/** Signed by every voter that saw a quorum of PREPAREs; a quorum of these makes the block final. */
export interface Commit {
  readonly type: "commit";
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly digest: Uint8Array;
  /** How long the proposal took to reach this voter once the round was due, whole ms, u32. */
  readonly delay_ms: number;
  readonly signature: Uint8Array;
}

/** The signed part of a ROUND-CHANGE: "I left every lower round, and this is what I hold prepared". */
export interface RoundChangeClaim {
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly prepared: { readonly round: number; readonly digest: Uint8Array } | undefined;
  /** The highest round in which this voter gave a share of a fast certificate. */
  readonly fast?: { readonly round: number; readonly digest: Uint8Array };
  readonly signature: Uint8Array;
}

/** Of the block that a round change may bring: the prepared one, else the one last shared. */
export function sentDigest({ prepared, fast }: RoundChangeClaim): Uint8Array | undefined {
  return prepared?.digest ?? fast?.digest;
}

/** A claim with its proof. The block goes only to the voter that would have to propose it again. */
export interface RoundChange {
  readonly type: "round-change";
  readonly claim: RoundChangeClaim;
  /** A quorum for the prepared round and digest; empty where nothing is prepared. */
  readonly prepares: readonly Prepare[];
  readonly block: Uint8Array | undefined;
}

/**
 * A block for one round. Above round 0 a quorum of claims shows that the round was changed to, and the
 * prepares show that the highest prepared block among them is the one proposed.
 */
export interface Proposal {
  readonly type: "proposal";
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly block: Uint8Array;
  /** The proposer's own PREPARE, where it sends none. */
  readonly prepare?: Uint8Array;
  /** What makes the parent final, where its collector proposes next and has not shown it. */
  readonly parent?: CommitCertificate;
  readonly claims: readonly RoundChangeClaim[];
  readonly prepares: readonly Prepare[];
}

/** The PREPARE that a proposal carries for its proposer. */
export function prepareOf(proposal: Proposal): Prepare | undefined {
  const { height, round, voter, digest, prepare } = proposal;
  if (prepare === undefined) return undefined;
  return { type: "prepare", height, round, voter, digest, signature: prepare };
}

/** What voters say to each other, whichever the flow. Lists are sorted by voter, each voter once. */
export type VoteMessage =
  | Proposal
  | Prepare
  | Commit
  | RoundChange
  | PrepareCertificate
  | CommitCertificate;

/** Messages that are one voter's signed statement. */
export type SignedMessage = Exclude<VoteMessage, PrepareCertificate | CommitCertificate>;

export function isSigned(message: VoteMessage): message is SignedMessage {
  return message.type !== "prepare-certificate" && message.type !== "commit-certificate";
}

/** Where a message belongs and who signed it. */
export function slotOf(message: VoteMessage): { height: number; round: number; voter: number } {
  return message.type === "round-change" ? message.claim : message;
}
