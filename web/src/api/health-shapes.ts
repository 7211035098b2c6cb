import type { Interval, RecordFinality } from "./maintenance-shapes.ts";
import type { DeclaredGap, Origin } from "./shapes.ts";

/** What /v1/vehicles/:id/health and /v1/fleet/trends answer. */

/** One day of one vehicle by one version of the estimator. */
export interface HealthDay {
  readonly day: string;
  readonly estimator: string;
  readonly version: string;
  readonly issued_ms: number;
  readonly origin: Origin;
  readonly finality: RecordFinality;
  readonly samples: number;
  readonly covered_s: number;
  readonly soh: Interval | null;
  readonly cellHealth: Interval | null;
  readonly resistance_Ohm: Interval | null;
  readonly imbalance_mV: number | null;
  readonly temperatureSpread_K: number | null;
  readonly timeHot_s: number;
  readonly timeCold_s: number;
  readonly timeHighSoc_s: number;
  readonly timeLowSoc_s: number;
  readonly fastChargeShare: number;
  readonly throughput_Ah: number;
  readonly fullCycles: number;
  readonly distance_km: number | null;
  readonly anomalyScore: number;
  readonly safetyScore: number;
  readonly remainingLife_d: Interval | null;
  readonly isRecalibrated: boolean;
}

export type CausePart =
  | "ageing"
  | "temperature"
  | "imbalance"
  | "recalibration"
  | "estimator"
  | "unexplained";

/** Why the state of health changed between two days: the parts sum to the total. */
export type Attribution = Readonly<Record<CausePart | "total", number>> & {
  readonly from: string;
  readonly to: string;
};

export interface Warranty {
  readonly status: "kept" | "at-risk" | "broken" | "over";
  readonly asked: number | null;
  readonly margin: Interval | null;
  readonly crossing_d: {
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  };
  readonly ends_d: number;
}

export interface Health {
  readonly vehicleId: string;
  readonly origin: Origin | "mixed";
  readonly days: readonly HealthDay[];
  readonly attributions: readonly Attribution[];
  readonly forecast: readonly { readonly day: string; readonly cellHealth: Interval }[];
  readonly warranty: Warranty | null;
  readonly quality: {
    readonly firstDay: string;
    readonly lastDay: string;
    readonly days: number;
    readonly daysMissing: number;
    readonly gaps: readonly DeclaredGap[];
  };
}

/** A week of the fleet; a tenth, half and nine tenths of the vehicle days lie below the three. */
export interface FleetWeek {
  readonly week: string;
  readonly vehicles: number;
  readonly simulated: number;
  readonly days: number;
  readonly sohLow: number | null;
  readonly sohMedian: number | null;
  readonly sohHigh: number | null;
  readonly anomalous: number;
  readonly unsafe: number;
  readonly fullCycles: number;
}
