/** What one function needs, and what one millisecond or a move of it costs. */
export interface FunctionNeed {
  readonly id: string;
  /** In the unit of the units' own cpu, such as a share of a core. */
  readonly cpu: number;
  /** In the unit of the units' own memory. */
  readonly memory: number;
  /** No unit with a higher latency may take it. */
  readonly latencyMax_ms: number;
  /** Cost of a millisecond. */
  readonly weight: number;
  /** Cost of any other unit than the current one. */
  readonly migrationCost: number;
  /** No two functions of one group on a unit. */
  readonly antiAffinity?: string;
  /** Zones that may take it; absent means all. */
  readonly zones?: readonly string[];
}

/** What one unit has. */
export interface UnitRoom {
  readonly id: string;
  readonly cpu: number;
  readonly memory: number;
  readonly zone: string;
  /** So many functions at most; absent: no limit. */
  readonly functionsMax?: number;
}

/**
 * A placement problem as docs/specs/placement-problem.md has it: give every function one unit, so that
 * the sum of weight × latency and of the migration costs is lowest. All other numbers are finite; in a file all are, and none is negative.
 */
export interface PlacementProblem {
  readonly functions: readonly FunctionNeed[];
  readonly units: readonly UnitRoom[];
  /** Function by function, in each unit by unit; Infinity where nothing was measured, which no function accepts. */
  readonly latency_ms: Float64Array;
  /** By function, the place of its present unit in `units`; −1 where it runs nowhere. */
  readonly current: Int32Array;
}
