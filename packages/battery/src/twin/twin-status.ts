import type { Estimate } from "../estimation/estimate.ts";
import type { SuspectCause } from "../soc-estimator.ts";
import type { PowerEstimate } from "./power-estimates.ts";

export type HintCode =
  | "sensor-suspect"
  | "balance-cells"
  | "check-cell"
  | "check-connection"
  | "capacity-low"
  | "check-cooling"
  | "anomaly";

/** Something to look at, in words, with the number that made it. */
export interface MaintenanceHint {
  readonly code: HintCode;
  readonly sentence: string;
  readonly value: number;
  /** What the value passed. */
  readonly limit: number;
  /** Cell or sensor counted from 0, where it is one. */
  readonly place?: number;
}

/** Everything that a twin says now, ready for JSON. */
export interface TwinStatus {
  readonly version: 1;
  readonly at_ms: number;
  /** Taken so far, over restarts. */
  readonly samples: number;
  /** Why not to rely on the rest; undefined while everything is believed. */
  readonly suspect: { readonly cause: SuspectCause; readonly since_ms: number } | undefined;
  readonly soc: Estimate;
  /** Imbalance: charge between the emptiest and the fullest cell, apart from ageing. */
  readonly imbalance: Estimate & { readonly emptiestCell: number; readonly fullestCell: number };
  /** Ageing: capacity, and resistance over that of a new cell at 25 °C. */
  readonly capacity_Ah: Estimate;
  /** Of the cell that has least, which is the one that ends a discharge of a balanced pack. */
  readonly weakest_Ah: Estimate & { readonly cell: number };
  readonly resistanceFactor: Estimate & {
    readonly highestCell: number;
    /** Of that cell, with half the width of its 95 % interval. */
    readonly highest: number;
    readonly highestDoubt: number;
    readonly steps: number;
  };
  /** State of energy: to the lower limit at the load and temperature that are expected. */
  readonly energy_Wh: Estimate & { readonly load: number; readonly cell_degC: number };
  readonly power: readonly PowerEstimate[];
  readonly residual: {
    readonly cell: number;
    readonly cell_mV: number;
    readonly common_mV: number;
    readonly seen_s: number;
  };
  readonly thermal: { readonly residual_K: number; readonly coolant_degC: number };
  /** The highest score of the last day. */
  readonly anomaly: { readonly score: number; readonly cause: string; readonly place?: number };
  readonly hints: readonly MaintenanceHint[];
}
