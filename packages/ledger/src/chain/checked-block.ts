import type { Block } from "./block.ts";
import type { CertificateProblem } from "./certificate.ts";
import type { BlockProblem } from "./header-rules.ts";
import type { Result } from "./result.ts";

/** A transaction that a block may hold now. */
export interface AdmittedTx {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
  readonly nonce: number;
}

/** A block that may follow the head it was checked against, and what it would do. */
export interface CheckedBlock {
  readonly block: Block;
  readonly hash: Uint8Array;
  readonly results: readonly Result[];
}

/** Why a final block from elsewhere was not taken. */
export type FollowProblem =
  | BlockProblem
  | CertificateProblem
  | { readonly code: "BLOCK_MALFORMED"; readonly detail: string };
