/** Signed by every voter that accepted the round's proposal. */
export interface Prepare {
  readonly type: "prepare";
  readonly height: number;
  readonly round: number;
  readonly voter: number;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
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
  readonly signature: Uint8Array;
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
  readonly claims: readonly RoundChangeClaim[];
  readonly prepares: readonly Prepare[];
}

/** A message of the engine `poa`. Lists are sorted by voter, each voter once. */
export type PoaMessage = Proposal | Prepare | Commit | RoundChange;

/** Where a message belongs and who signed it. */
export function slotOf(message: PoaMessage): { height: number; round: number; voter: number } {
  return message.type === "round-change" ? message.claim : message;
}
