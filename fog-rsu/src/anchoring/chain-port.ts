import type { ChainEvidence } from "@voltfog/ledger";
import type { Outcome, Problem } from "@voltfog/runtime";

export interface SubmitProblem extends Problem {
  readonly detail: string;
}

/** The chain as a unit sees it: one validator that is asked, and believed only with proofs. */
export interface ChainPort {
  /**
   * Resolves with the height of a final block above the given one, or with the given height when none
   * came in time. Throws CHAIN_UNREACHABLE, and EVIDENCE_INVALID for a block without its certificate.
   */
  waitForBlock(options: { above: number; wait_ms: number; signal: AbortSignal }): Promise<number>;
  /** Hands in a transaction; accepted means only that it waits. Throws CHAIN_UNREACHABLE. */
  submit(transaction: Uint8Array): Promise<Outcome<undefined, SubmitProblem>>;
  /**
   * Verified results and names under one final header; undefined while there is none, or for a result
   * that is not there. Throws CHAIN_UNREACHABLE, and EVIDENCE_INVALID for what does not verify.
   */
  evidence(wanted: {
    results: readonly number[];
    names: readonly string[];
  }): Promise<ChainEvidence | undefined>;
}
