import type { SimulatedCell } from "../simulation/simulated-cell.ts";

/** A time between readings of which the sender itself said that it is missing. */
export interface DeclaredGap {
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * What one pack said on one UTC day, as columns of equal length in any order. Nothing is promised about the
 * values: NaN, repeats, jumps of the clock and rows of other days are dropped by whoever reads them.
 */
export interface DayReadings {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly wall_ms: ArrayLike<number>;
  readonly packVoltage_V: ArrayLike<number>;
  /** Charge is positive; the mean since the row before, which at 1 Hz and more is the reading itself. */
  readonly packCurrent_A: ArrayLike<number>;
  /** What the battery management system says, 0 to 1. */
  readonly soc: ArrayLike<number>;
  readonly cellMin_mV: ArrayLike<number>;
  readonly cellMean_mV: ArrayLike<number>;
  readonly cellMax_mV: ArrayLike<number>;
  readonly temperatureMin_degC: ArrayLike<number>;
  readonly temperatureMax_degC: ArrayLike<number>;
  readonly gaps: readonly DeclaredGap[];
}

/** What maintenance has to know of a pack beside its readings. */
export interface PackDescription {
  readonly cell: SimulatedCell;
  /** In series. */
  readonly cells: number;
  /** When new. */
  readonly capacity_Ah: number;
  /** When the vehicle was first used: age counts from here. */
  readonly firstUse_ms: number;
  /** Before the first reading that is known here. */
  readonly fullCyclesBefore: number;
  readonly distanceBefore_km: number;
  /** How far a kilowatt-hour takes the vehicle; without it no distance is told. */
  readonly distancePerEnergy_km?: number | undefined;
}

/** The UTC day of a time, YYYY-MM-DD; the time is finite. */
export function dayOf(wall_ms: number): string {
  return new Date(wall_ms).toISOString().slice(0, 10);
}

/** Midnight at which a day begins; NaN where the text is no day. */
export function dayStart_ms(day: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
}
