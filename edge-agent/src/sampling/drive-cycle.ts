/** A recorded drive of one cell at about 1 Hz, in columns to keep a fleet small in memory. */
export interface DriveCycle {
  /** In words, e.g. "LG HG2 US06 25 degC". */
  readonly name: string;
  readonly time_s: Float32Array;
  readonly cellVoltage_V: Float32Array;
  /** Charge positive. */
  readonly cellCurrent_A: Float32Array;
  readonly surface_degC: Float32Array;
  /** Since full charge; negative when discharged. */
  readonly charge_Ah: Float32Array;
}

/** The cell at one moment. */
export interface CellState {
  readonly cellVoltage_V: number;
  readonly cellCurrent_A: number;
  readonly surface_degC: number;
  readonly charge_Ah: number;
}

/** From the first row to the last. */
export function duration_s(cycle: DriveCycle): number {
  return (cycle.time_s.at(-1) ?? 0) - (cycle.time_s[0] ?? 0);
}

/**
 * The cell so long after the cycle's start. Between two rows it is interpolated linearly: what is faster
 * than the recorded 1 Hz is made up, and holes of the recording are bridged. Clamped at both ends.
 */
export function cellAt(cycle: DriveCycle, elapsed_s: number): CellState {
  const at_s = (cycle.time_s[0] ?? 0) + Math.max(0, elapsed_s);
  const after = firstAfter(cycle.time_s, at_s);
  const last = cycle.time_s.length - 1;
  const high = Math.min(after, last);
  const low = Math.max(0, Math.min(after - 1, last));
  const span_s = valueAt(cycle.time_s, high) - valueAt(cycle.time_s, low);
  const share = span_s <= 0 ? 0 : (at_s - valueAt(cycle.time_s, low)) / span_s;
  const mix = (column: Float32Array): number => {
    const from = valueAt(column, low);
    return from + share * (valueAt(column, high) - from);
  };
  return {
    cellVoltage_V: mix(cycle.cellVoltage_V),
    cellCurrent_A: mix(cycle.cellCurrent_A),
    surface_degC: mix(cycle.surface_degC),
    charge_Ah: mix(cycle.charge_Ah),
  };
}

/** Index of the first row later than the time, by halving. */
function firstAfter(time_s: Float32Array, at_s: number): number {
  let low = 0;
  let high = time_s.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(time_s, middle) > at_s) high = middle;
    else low = middle + 1;
  }
  return low;
}

function valueAt(column: Float32Array, i: number): number {
  return column[i] ?? 0;
}
