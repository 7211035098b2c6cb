import type { DayReadings, DeclaredGap } from "@voltfog/battery";
import type { BatterySample } from "@voltfog/messages";

const second_ms = 1000;

/** Sums of the samples of one second. */
interface Second {
  count: number;
  wall_ms: number;
  voltage_V: number;
  current_A: number;
  soc: number;
  cellMin_mV: number;
  cellMean_mV: number;
  cellMax_mV: number;
  temperatureMin_degC: number;
  temperatureMax_degC: number;
}

/**
 * One day's samples as at most one row a second: means of voltage, current and charge, the extremes of cells
 * and sensors, so that the fastest vehicle's day takes 86,400 rows and no extreme is lost. Samples may come
 * in any order; those of other days are passed over.
 */
export class DayCollector {
  readonly #day_ms: number;
  readonly #seconds = new Map<number, Second>();
  #samples = 0;

  constructor(day_ms: number) {
    this.#day_ms = day_ms;
  }

  /** Samples of the day, before they became seconds. */
  get samples(): number {
    return this.#samples;
  }

  add(sample: BatterySample): void {
    const at = Math.floor((sample.wall_ms - this.#day_ms) / second_ms);
    if (at < 0 || at >= 86_400) return;
    this.#samples += 1;
    const cells = rangeOf(sample.cellVoltage_mV);
    const sensors = rangeOf(sample.temperature_degC);
    const known = this.#seconds.get(at);
    if (known === undefined) {
      this.#seconds.set(at, { count: 1, ...rowOf(sample), ...namedRanges(cells, sensors) });
      return;
    }
    known.count += 1;
    known.wall_ms = Math.max(known.wall_ms, sample.wall_ms);
    known.voltage_V += sample.packVoltage_V;
    known.current_A += sample.packCurrent_A;
    known.soc += sample.soc;
    known.cellMean_mV += cells.mean;
    known.cellMin_mV = Math.min(known.cellMin_mV, cells.min);
    known.cellMax_mV = Math.max(known.cellMax_mV, cells.max);
    known.temperatureMin_degC = Math.min(known.temperatureMin_degC, sensors.min);
    known.temperatureMax_degC = Math.max(known.temperatureMax_degC, sensors.max);
  }

  finish(gaps: readonly DeclaredGap[]): DayReadings {
    const rows = [...this.#seconds].sort(([a], [b]) => a - b).map(([, second]) => second);
    const column = (of: (row: Second) => number): Float64Array => Float64Array.from(rows, of);
    return {
      day: new Date(this.#day_ms).toISOString().slice(0, 10),
      wall_ms: column(({ wall_ms }) => wall_ms),
      packVoltage_V: column((row) => row.voltage_V / row.count),
      packCurrent_A: column((row) => row.current_A / row.count),
      soc: column((row) => row.soc / row.count),
      cellMin_mV: column((row) => row.cellMin_mV),
      cellMean_mV: column((row) => row.cellMean_mV / row.count),
      cellMax_mV: column((row) => row.cellMax_mV),
      temperatureMin_degC: column((row) => row.temperatureMin_degC),
      temperatureMax_degC: column((row) => row.temperatureMax_degC),
      gaps,
    };
  }
}

interface Range {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

function rowOf(sample: BatterySample): Pick<Second, "wall_ms" | "voltage_V" | "current_A" | "soc"> {
  const { wall_ms, packVoltage_V, packCurrent_A, soc } = sample;
  return { wall_ms, voltage_V: packVoltage_V, current_A: packCurrent_A, soc };
}

function namedRanges(
  cells: Range,
  sensors: Range,
): Omit<Second, "count" | keyof ReturnType<typeof rowOf>> {
  return {
    cellMin_mV: cells.min,
    cellMean_mV: cells.mean,
    cellMax_mV: cells.max,
    temperatureMin_degC: sensors.min,
    temperatureMax_degC: sensors.max,
  };
}

/** NaN where a pack has none. */
function rangeOf(values: ArrayLike<number>): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return values.length === 0
    ? { min: Number.NaN, mean: Number.NaN, max: Number.NaN }
    : { min, mean: sum / values.length, max };
}
