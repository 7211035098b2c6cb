/** A figure with the ends between which the truth lies in 9 of 10 cases. */
export interface Interval90 {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Which estimator gave a figure. A newer one gives new rows beside the old and overwrites none. */
export interface EstimatorId {
  readonly name: string;
  readonly version: string;
}

/**
 * Charge counted between two rests at least 35 % apart: one look at the capacity of the mean cell, as it was
 * at that temperature and by that current sensor.
 */
export interface CapacityLook {
  /** Apparent capacity over nominal. */
  readonly share: number;
  /** Square of the change of charge, 0 to 1. */
  readonly weight: number;
  /** Mean while the charge flowed. */
  readonly cell_degC: number;
  /** Since first use. */
  readonly age_d: number;
  readonly fullCycles: number;
}

/** A line of capacity over √age and full cycles through all looks, with what else moves them. */
export interface LifeTrend {
  /** Capacity share when new; change per √year and per 100 full cycles. */
  readonly start: number;
  readonly perRootYear: number;
  readonly perHundredCycles: number;
  /** Covariance of these three, by rows. */
  readonly covariance: readonly number[];
  /** Share of charge that a kelvin below 25 °C hides. */
  readonly coldShare: number;
  /** What looks before each recalibration showed too much, oldest recalibration first. */
  readonly steps: readonly { readonly age_d: number; readonly excess: number }[];
  /** σ of a look of weight 1. */
  readonly sigma: number;
  readonly looks: number;
}

/** What a next day starts from; numbers that only the estimator reads. */
export interface CarriedState {
  readonly capacitySums: readonly number[];
  readonly lookMemory: readonly number[];
  readonly stretch: readonly number[];
  readonly spread: readonly number[];
  readonly resistance: readonly number[];
  /** Mean current while nothing flows. */
  readonly idle_A: number;
  /** Charge that the vehicle itself said last, and when; empty before the first. */
  readonly lastCount: readonly [soc: number, wall_ms: number] | readonly [];
}

/** What weakens a pack and how far it goes, smoothed over days; features of the risk. */
export interface PackSigns {
  /** Charge by which the lowest cell is behind the mean one at empty, and the highest ahead at full. */
  readonly lowCell: number;
  readonly highCell: number;
  /** How far the outermost cell parts from the mean one per C of current. */
  readonly loadSpread_V: number;
  /** Between the sensors while current flows. */
  readonly temperatureSpread_K: number;
  /** At 25 °C, over that of a new cell of the type. */
  readonly resistance: number;
  /** Change of charge of the outermost cell a day, over the last two weeks. */
  readonly leak: number;
}

/** All figures of one pack on one UTC day. Null: not known, never zero. */
export interface DailyIndicators {
  readonly day: string;
  readonly estimator: EstimatorId;
  /** Sound rows, and the time that they cover. */
  readonly samples: number;
  readonly covered_s: number;
  /** What the pack can deliver over nominal, as it is now: with its cold, its imbalance and its sensors. */
  readonly soh: Interval90 | null;
  /** Capacity of the cells over nominal at 25 °C: ageing alone, from the trend. */
  readonly cellHealth: Interval90 | null;
  /** Of a mean cell at 25 °C, over the time between two rows. */
  readonly resistance_Ohm: Interval90 | null;
  /** Greatest minus least cell at rest; median of the day. */
  readonly imbalance_mV: number | null;
  readonly temperatureSpread_K: number | null;
  readonly timeHot_s: number;
  readonly timeCold_s: number;
  readonly timeHighSoc_s: number;
  readonly timeLowSoc_s: number;
  /** Of the charge that was taken, what came above 0.5 C. */
  readonly fastChargeShare: number;
  /** In and out. */
  readonly throughput_Ah: number;
  readonly fullCycles: number;
  readonly distance_km: number | null;
  /** Since first use. */
  readonly totals: {
    readonly age_d: number;
    readonly fullCycles: number;
    readonly distance_km: number | null;
  };
  /** 1 is an alarm: as far from the fleet as six robust standard deviations. */
  readonly anomalyScore: number;
  /** 0 to 1, of signs that can end in heat: leaking cells, hot joints, lost cooling. */
  readonly safetyScore: number;
  readonly remainingLife: { readonly days: Interval90; readonly fullCycles: Interval90 } | null;
  readonly isRecalibrated: boolean;
  readonly looks: readonly CapacityLook[];
  readonly imbalanceShare: number;
  readonly signs: PackSigns | null;
  readonly trend: LifeTrend | null;
  readonly carried: CarriedState;
}
