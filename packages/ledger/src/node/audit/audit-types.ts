import type { TreeHead } from "../../log/proofs.ts";
import type { ErasureOrder } from "../log/erasure-file.ts";
import type { FsckProblem } from "../log/log-types.ts";

/** A checkpoint of the log that the chain made final, and the block that did. */
export interface FinalRoot extends TreeHead {
  readonly height: number;
}

export type FindingKind = "altered" | "deleted" | "truncated";

/** One thing that is not as the chain has it. */
export interface AuditFinding {
  readonly kind: FindingKind;
  /** The entries concerned, first to last; absent where it is a file that no entry needs. */
  readonly entries?: { readonly first: number; readonly last: number };
  /**
   * True where every index of the range is proven to be concerned. False where the fault lies within
   * the range and nothing in the folder is left that could tell where.
   */
  readonly isExact: boolean;
  readonly detail: string;
  /** Below the log's folder, where there is one. */
  readonly place?: FsckProblem["place"];
}

export interface AuditReport {
  readonly ok: boolean;
  /** Entries that the folder still holds. */
  readonly entries: number;
  /** The last final checkpoint that it was held against; size 0 where there is none. */
  readonly final: { readonly size: number; readonly height: number; readonly checkpoints: number };
  /** Entries behind the last final checkpoint: nobody but the unit vouches for them yet. */
  readonly notFinal: number;
  /** Entries whose frame was erased by order. */
  readonly erased: readonly number[];
  /** Who ordered that, as the unit says. */
  readonly erasures: readonly ErasureOrder[];
  readonly findings: readonly AuditFinding[];
}
