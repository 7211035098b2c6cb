import type { Problem } from "@voltfog/runtime";

/** Why a snapshot, its plan or one of its parts is not believed. */
export interface SnapshotProblem extends Problem {
  readonly code:
    | "SNAPSHOT_MALFORMED"
    | "SNAPSHOT_OTHER_CHAIN"
    | "SNAPSHOT_CERTIFICATE"
    | "SNAPSHOT_RESULTS"
    | "SNAPSHOT_STATE";
  readonly detail: string;
}
