/** What the controller knows of one unit at the moment of a decision. */
export interface UnitView {
  readonly id: string;
  readonly alive: boolean;
  /** Not heard since this controller started or was cut off itself, a moment ago: neither alive nor dead. */
  readonly unknown?: boolean;
  /** Alive, but its latest heartbeat is missed: it may be about to count as dead. */
  readonly silent?: boolean;
  /** Vehicles that are connected there now, by the unit's own status. */
  readonly connected: ReadonlySet<string>;
  /** Where it stands; standbys are kept in another zone where there is one. */
  readonly zone?: string | null;
  /** What it may be used for at most; absent where nothing is known. */
  readonly capacity?: Need | null;
  /** Whether it holds the state of all functions that it stands by with for a vehicle. */
  readonly holds?: (vehicleId: string) => boolean;
}

/** What one vehicle's functions ask of a unit: a CPU is one core. */
export interface Need {
  readonly cpu: number;
  readonly memory_MB: number;
  /** Longest way that they are good for; null or absent where there is no limit. */
  readonly latencyMax_ms?: number | null;
}

/** Limits and thresholds of every decision. Latencies in ms, the ratio 0..1. */
export interface PlacementRules {
  readonly vehiclesPerUnitMax: number;
  readonly equalLatency_ms: number;
  readonly moveGain_ms: number;
  readonly moveGainRatio: number;
  readonly moveSamples: number;
  readonly moveCooldown_ms: number;
  readonly movesPerRoundMax: number;
}

/** Median latency between a vehicle and a unit, undefined while nothing is measured. */
export type LatencyOf = (link: { vehicleId: string; unitId: string }) => number | undefined;

/** Least and greatest of the latest measurements of that latency; undefined while they are too few. */
export type RangeOf = (link: {
  vehicleId: string;
  unitId: string;
}) => { readonly low_ms: number; readonly high_ms: number } | undefined;

/** Vehicles on each unit, and what their functions use there. */
export interface Loads {
  readonly vehicles: ReadonlyMap<string, number>;
  readonly used?: ReadonlyMap<string, Need>;
}

/** One unit in one decision: the rule that took it out, or the figures that it competed with. */
export interface Considered {
  readonly unitId: string;
  readonly verdict:
    | "chosen"
    | "slower"
    | "fuller"
    | "dead"
    | "unknown"
    | "unmeasured"
    | "full"
    | "no-cpu"
    | "no-memory"
    | "too-far"
    | "same-zone";
  readonly latency_ms: number | null;
  /** Vehicles there beside this one. */
  readonly load: number;
  /** What the solver counted: the latency, and what a move costs; null where a rule took the unit out. */
  readonly score: number | null;
}

export interface Choice {
  readonly unitId: string;
  readonly latency_ms: number;
  readonly reason: string;
  readonly considered: readonly Considered[];
}

/** One vehicle with its functions that is to have a unit. */
export interface Wish {
  readonly vehicleId: string;
  readonly need: Need;
  /** Where it is served now: it stays there unless another unit saves more than a move costs. */
  readonly here?: { readonly unitId: string; readonly moveCost_ms: number };
  /** Units that are no choice for it. */
  readonly without?: ReadonlySet<string>;
  /** Not in this zone, if another one has room. */
  readonly zoneAvoided?: string | null;
  /** A unit that the asker's own sentence names already: the reason leaves it out. */
  readonly named?: string;
}

export interface Question {
  readonly wishes: readonly Wish[];
  readonly units: readonly UnitView[];
  readonly loads: Loads;
  readonly latencyOf: LatencyOf;
  readonly rules: PlacementRules;
}
