/**
 * What the cloud answers about the chain, for whoever reads it: its own routes and the pages. Hashes and
 * keys are lower-case hex, times milliseconds since the Unix epoch; null means "not known".
 */

/** One value out of a transaction or its result, in words; `kind` says what a page can make of it. */
export interface ChainField {
  readonly name: string;
  readonly value: string;
  readonly kind:
    | "text"
    | "hex"
    | "time"
    | "event"
    | "log"
    | "validator"
    | "organisation"
    | "change";
}

/** How the chain's next block is decided. */
export interface ChainView {
  readonly chain: string;
  readonly chainId: string;
  /** As the genesis file names it. */
  readonly engine: "poa" | "pbft" | "linear" | "sbft" | "hotstuff";
  /** Validators that may be down or slow without ending the fast path; 0 for an engine without one. */
  readonly redundant: number;
  readonly validators: number;
  /** Faulty ones of any kind that do no harm. */
  readonly faultyMax: number;
  /** Seals that make a block final; and those of the fast path, null where the engine has none. */
  readonly quorum: number;
  readonly fastQuorum: number | null;
}

/** A transaction that a final block holds, and what it did. */
export interface TransactionView {
  readonly height: number;
  /** Its place in the block. */
  readonly txIndex: number;
  /** Its result's place in the chain's log of results. */
  readonly index: number;
  readonly hash: string;
  /** Of the unit or validator; a key's first bytes where the key has no name here. */
  readonly sender: string;
  readonly module: string;
  readonly action: string;
  readonly code: string;
  /** What it did, in words. */
  readonly sentence: string;
}

export interface TransactionDetailView extends TransactionView {
  readonly time_ms: number;
  readonly blockHash: string;
  readonly senderKey: string;
  readonly nonce: number;
  readonly signature: string;
  /** The whole transaction, so that its hash can be computed again. */
  readonly bytes: string;
  /** What the sender asked for. */
  readonly payload: readonly ChainField[];
  /** What the result holds; empty unless the code is OK. */
  readonly data: readonly ChainField[];
  /** What the code means, and what to do about it; null where nothing is to be done. */
  readonly meaning: string;
  readonly remedy: string | null;
}

/** A validator's seal under a block, with what it measured and signed as the proposal's delay. */
export interface SealView {
  readonly id: string;
  readonly organisation: string;
  readonly delay_ms: number;
}

/** Everything a block's header and certificate say. */
export interface BlockSealsView {
  readonly epoch: number;
  readonly parent: string;
  readonly parentCertificateHash: string;
  readonly txRoot: string;
  readonly stateRoot: string;
  readonly resultsRoot: string;
  readonly resultsSize: number;
  readonly nextValidatorsHash: string;
  readonly seals: readonly SealView[];
  /** Validators of the epoch whose seal is not in the certificate. */
  readonly unsealed: readonly string[];
  /** A certificate of commits, or of the fast path's shares. */
  readonly form: "commit" | "fast";
  /** Seals that make a block final by a certificate of that form, and validators of the epoch. */
  readonly quorum: number;
  readonly validators: number;
  readonly results: readonly TransactionView[];
}

export interface EpochMemberView {
  readonly id: string;
  readonly organisation: string;
  readonly voteKey: string;
  /** Blocks of the epoch with its seal, and those it proposed. */
  readonly sealed: number;
  readonly proposed: number;
  /** First and last height that it sealed; null where it sealed none. */
  readonly firstSealed: number | null;
  readonly lastSealed: number | null;
}

/** A stretch of blocks that one set of vote keys decides. */
export interface EpochView {
  readonly epoch: number;
  readonly firstHeight: number;
  readonly lastHeight: number;
  readonly quorum: number;
  readonly members: readonly EpochMemberView[];
  /** What changed from the epoch before, in words; empty for the first. */
  readonly changes: readonly string[];
  /** The transaction that decided the change; null for the first epoch, or where it is not known. */
  readonly decidedBy: string | null;
}

/** One log of one unit, as the chain and this cloud know it. */
export interface LogView {
  readonly log: string;
  readonly unitId: string;
  readonly organisation: string;
  readonly logId: string;
  readonly origin: string;
  readonly key: string;
  /** Entries stored here, and how many of them a final checkpoint covers. */
  readonly size: number;
  readonly finalSize: number;
  readonly finalRoot: string | null;
  readonly finalHeight: number | null;
  readonly final_ms: number | null;
  /** Final checkpoints so far. */
  readonly checkpoints: number;
  /** Whether the unit writes it; else another one took its place. */
  readonly isCurrent: boolean;
  readonly incident: string | null;
}

/** A checkpoint of a log that a block made final. */
export interface CheckpointView {
  readonly size: number;
  readonly root: string;
  readonly height: number;
  readonly time_ms: number;
  readonly transaction: string | null;
}

/** What a text names on the chain. */
export interface FoundView {
  readonly kind: "block" | "transaction" | "event" | "log" | "validator" | "organisation";
  /** Height, hash or name, as the thing's own address takes it. */
  readonly id: string;
  readonly sentence: string;
}

/** A validator's vote for a change of the consortium. */
export interface ApprovalView {
  readonly id: string;
  readonly height: number;
  readonly transaction: string;
}

/** A change of the consortium that was proposed, and how far its vote is. */
export interface ChangeView {
  readonly id: string;
  readonly kind: string;
  readonly sentence: string;
  readonly fields: readonly ChainField[];
  readonly state: "open" | "decided" | "expired";
  readonly proposedHeight: number;
  /** null where the chain itself opened it, since a validator contradicted itself. */
  readonly proposedBy: string | null;
  readonly transaction: string;
  readonly approvals: readonly ApprovalView[];
  readonly decidedHeight: number | null;
  /** Last height at which it can be decided. */
  readonly expiresHeight: number;
}

/** A validator's last word as a witness on one log; verified here. */
export interface CosignatureView {
  readonly validator: string;
  /** As clients of witnesses know it. */
  readonly name: string;
  readonly size: number;
  /** Base64, as the note has it. */
  readonly root: string;
  /** By the validator's clock, whole seconds. */
  readonly time_ms: number;
}
