import { type DayReadings, dayStart_ms, type PackDescription } from "./day-readings.ts";

/** Rows of a day that can be believed, in the order of time, none twice. */
export interface SoundRow {
  readonly wall_ms: number;
  readonly current_A: number;
  /** NaN where the vehicle says none. */
  readonly soc: number;
  readonly least_V: number;
  readonly mean_V: number;
  readonly most_V: number;
  readonly coldest_degC: number;
  readonly hottest_degC: number;
  readonly power_W: number;
}

const rowsMax = 2_000_000;
const day_ms = 86_400_000;
const plausible = { low_V: 0.5, high_V: 5, coldest_degC: -50, hottest_degC: 120, rateMax: 20 };

/**
 * The rows of the day that are whole, plausible and of that day. Readings of any shape are taken: columns of
 * different lengths count up to the shortest, and what is no number drops its row. At most two million rows.
 */
export function soundRows(readings: DayReadings, pack: PackDescription): readonly SoundRow[] {
  const from_ms = dayStart_ms(readings.day);
  const rows: SoundRow[] = [];
  const length = Math.min(rowsMax, shortest(readings));
  for (let i = 0; i < length; i++) {
    const row = rowAt(readings, i);
    const isOfDay = row.wall_ms >= from_ms && row.wall_ms < from_ms + day_ms;
    if (isOfDay && isPlausible(row, pack.capacity_Ah)) rows.push(row);
  }
  rows.sort((left, right) => left.wall_ms - right.wall_ms);
  return rows.filter((row, i) => i === 0 || row.wall_ms > (rows[i - 1]?.wall_ms ?? 0));
}

function shortest(readings: DayReadings): number {
  const { wall_ms, packVoltage_V, packCurrent_A, cellMin_mV, cellMean_mV, cellMax_mV } = readings;
  const { temperatureMin_degC, temperatureMax_degC } = readings;
  return Math.min(
    ...[wall_ms, packVoltage_V, packCurrent_A, cellMin_mV, cellMean_mV, cellMax_mV].map(
      ({ length }) => length,
    ),
    temperatureMin_degC.length,
    temperatureMax_degC.length,
  );
}

function rowAt(readings: DayReadings, i: number): SoundRow {
  const current_A = readings.packCurrent_A[i] ?? Number.NaN;
  return {
    wall_ms: readings.wall_ms[i] ?? Number.NaN,
    current_A,
    soc: readings.soc[i] ?? Number.NaN,
    least_V: (readings.cellMin_mV[i] ?? Number.NaN) / 1000,
    mean_V: (readings.cellMean_mV[i] ?? Number.NaN) / 1000,
    most_V: (readings.cellMax_mV[i] ?? Number.NaN) / 1000,
    coldest_degC: readings.temperatureMin_degC[i] ?? Number.NaN,
    hottest_degC: readings.temperatureMax_degC[i] ?? Number.NaN,
    power_W: current_A * (readings.packVoltage_V[i] ?? Number.NaN),
  };
}

function isPlausible(row: SoundRow, capacity_Ah: number): boolean {
  const { least_V, mean_V, most_V, coldest_degC, hottest_degC } = row;
  const isOrdered = least_V <= mean_V + 0.001 && mean_V <= most_V + 0.001;
  const isVoltage = least_V > plausible.low_V && most_V < plausible.high_V;
  const isWarmth =
    coldest_degC > plausible.coldest_degC &&
    hottest_degC < plausible.hottest_degC &&
    coldest_degC <= hottest_degC;
  const isCurrent = Math.abs(row.current_A) <= plausible.rateMax * capacity_Ah;
  return isOrdered && isVoltage && isWarmth && isCurrent && Number.isFinite(row.power_W);
}
