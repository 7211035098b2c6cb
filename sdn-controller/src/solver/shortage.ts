import type { Problem } from "@voltfog/runtime";

/** One constraint that is in the way, and by how much, in its own unit. */
export interface Shortage {
  readonly constraint:
    | "cpu"
    | "memory"
    | "latency"
    | "zone"
    | "down"
    | "functions"
    | "anti-affinity";
  readonly by: number;
  readonly functionId?: string;
  readonly unitId?: string;
  readonly group?: string;
}

/** Why there is no placement; NOT_FOUND alone proves nothing. */
export interface Impossible extends Problem {
  readonly code:
    | "FITS_NO_UNIT"
    | "CPU_SHORT"
    | "MEMORY_SHORT"
    | "PLACES_SHORT"
    | "GROUP_TOO_LARGE"
    | "JOINTLY_IMPOSSIBLE"
    | "NOT_FOUND";
  readonly detail: string;
  /** What would have to give way. */
  readonly shortages: readonly Shortage[];
}

/** Six digits that matter. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
