import type { PackSigns } from "./daily-indicators.ts";

/** Middle and robust σ of a sign over a fleet. */
export interface SignReference {
  readonly median: number;
  readonly scale: number;
}

export type FleetReference = Readonly<Record<keyof PackSigns, SignReference>>;

/** What a model of the risk of a fault is made of; `voltfog train maintenance` writes one. */
export interface FaultCalibration {
  readonly version: number;
  /** The fleet that signs are compared with. */
  readonly fleet: FleetReference;
  /** In the order of faultFeatureNames, for features less `middle` over `scale`. */
  readonly weights: readonly number[];
  readonly middle: readonly number[];
  readonly scale: readonly number[];
  readonly bias: number;
  /** Isotonic steps from low to high scores: from this score on, of so many vehicle-days so many failed. */
  readonly steps: readonly {
    readonly score: number;
    readonly failed: number;
    /** Independent vehicles behind them, which the interval counts. */
    readonly vehicles: number;
    readonly failedVehicles: number;
    readonly days: number;
  }[];
}
