import { type SensorCause, sensorCauses } from "./estimation/pack-readings.ts";
import type { PackSample } from "./pack-sample.ts";

/** Why an estimate should not be relied on. */
export type SuspectCause =
  | "no-estimate"
  | "time-ran-back"
  | "time-invalid"
  | "samples-missing"
  | "current-invalid"
  | "cell-count-changed"
  | SensorCause;

/** Every cause. */
export const suspectCauses: readonly SuspectCause[] = [
  "no-estimate",
  "time-ran-back",
  "time-invalid",
  "samples-missing",
  "current-invalid",
  "cell-count-changed",
  ...sensorCauses,
];

export interface SocEstimate {
  /** State of charge, 0 to 1; undefined where the estimator gives none. Never NaN. */
  readonly soc: number | undefined;
  /** The true value lies inside with about 95 %; 0 ≤ low ≤ high ≤ 1. */
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly version: string;
  /** Wall time of the reading that it stands for; 0 where the reading has none. */
  readonly at_ms: number;
  readonly suspect: SuspectCause | undefined;
}

/** Takes every reading of one pack in order; total: no reading makes it throw or say NaN. */
export interface SocEstimator {
  readonly name: string;
  readonly version: string;
  update(sample: PackSample): SocEstimate;
}

/** Says that it does not know, so that every place for an estimator can be left empty. */
export class NoSocEstimator implements SocEstimator {
  readonly name = "none";
  readonly version = "1";

  update(sample: PackSample): SocEstimate {
    return {
      soc: undefined,
      low: 0,
      high: 1,
      estimator: this.name,
      version: this.version,
      at_ms: readingTime_ms(sample),
      suspect: "no-estimate",
    };
  }
}

/** The wall time of a reading, or 0 where it is no number. */
export function readingTime_ms(sample: PackSample): number {
  return Number.isFinite(sample.wall_ms) ? sample.wall_ms : 0;
}
