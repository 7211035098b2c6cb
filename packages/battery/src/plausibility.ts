import type { PackSample } from "./pack-sample.ts";

export type PlausibilityCode =
  | "NOT_FINITE"
  | "NO_CELLS"
  | "CELL_VOLTAGE_RANGE"
  | "TEMPERATURE_RANGE"
  | "CURRENT_RANGE"
  | "SOC_RANGE"
  | "SUM_MISMATCH"
  | "STUCK";

/** Something about a sample that a sound pack with sound sensors cannot show. */
export interface PlausibilityProblem {
  readonly code: PlausibilityCode;
  readonly detail: string;
  /** Cell or sensor, where the problem is in one. */
  readonly place?: number;
}

/** What a sensor can say at all; outside is a fault of the sensor, not of the cell. */
export interface PlausibleRange {
  readonly cellVoltageMin_mV: number;
  readonly cellVoltageMax_mV: number;
  readonly temperatureMin_degC: number;
  readonly temperatureMax_degC: number;
  readonly currentMax_A: number;
  /** Allowed difference between pack voltage and the sum of the cells, as a share of the sum. */
  readonly sumTolerance: number;
  /** All cells unchanged for so many samples while the current changes is a stuck measurement. */
  readonly stuckSamples: number;
}

/** Wide enough for a runaway cell to be believed. */
export const plausibleRange: PlausibleRange = {
  cellVoltageMin_mV: 0,
  cellVoltageMax_mV: 5000,
  temperatureMin_degC: -60,
  temperatureMax_degC: 1000,
  currentMax_A: 5000,
  sumTolerance: 0.02,
  stuckSamples: 30,
};

/** Problems visible in one sample alone, at most one of each code. */
export function plausibility(
  sample: PackSample,
  range: PlausibleRange = plausibleRange,
): PlausibilityProblem[] {
  if (isSound(sample, range)) return [];
  const problems = [notFinite(sample), ...outOfRange(sample, range), sumMismatch(sample, range)];
  return problems.filter((problem) => problem !== undefined);
}

/**
 * Whether nothing at all is wrong, which is so for nearly every sample: one pass without an object takes a
 * tenth of the time that looking for each fault by name does. NaN fails every comparison.
 */
function isSound(sample: PackSample, range: PlausibleRange): boolean {
  const { cellVoltage_mV: cells, temperature_degC: temperatures } = sample;
  const { cellVoltageMin_mV, cellVoltageMax_mV, temperatureMin_degC, temperatureMax_degC } = range;
  let sum_mV = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell_mV = cells[i] as number;
    if (cell_mV < cellVoltageMin_mV || cell_mV > cellVoltageMax_mV) return false;
    sum_mV += cell_mV;
  }
  for (let i = 0; i < temperatures.length; i++) {
    const sensor_degC = temperatures[i] as number;
    if (!(sensor_degC >= temperatureMin_degC && sensor_degC <= temperatureMax_degC)) return false;
  }
  return cells.length > 0 && isSoundPack(sample, sum_mV / 1000, range);
}

function isSoundPack(sample: PackSample, sum_V: number, range: PlausibleRange): boolean {
  return (
    Number.isFinite(sample.wall_ms) &&
    Number.isFinite(sample.monotonic_ms) &&
    Math.abs(sample.packCurrent_A) <= range.currentMax_A &&
    sample.soc >= 0 &&
    sample.soc <= 1 &&
    Math.abs(sample.packVoltage_V - sum_V) <= range.sumTolerance * sum_V
  );
}

/** The same and what only a series shows: a measurement that is stuck. One per pack, samples in order. */
export class PlausibilityCheck {
  readonly #range: PlausibleRange;
  #last: PackSample | undefined;
  #same = 0;
  #currentMoved = false;

  constructor(range: PlausibleRange = plausibleRange) {
    this.#range = range;
  }

  check(sample: PackSample): PlausibilityProblem[] {
    const problems = plausibility(sample, this.#range);
    this.#compare(sample);
    if (this.#same >= this.#range.stuckSamples && this.#currentMoved) {
      const detail = `all cells unchanged for ${this.#same} samples while the current moves`;
      problems.push({ code: "STUCK", detail });
    }
    return problems;
  }

  #compare(sample: PackSample): void {
    const last = this.#last;
    this.#last = sample;
    if (last !== undefined && isSame(last.cellVoltage_mV, sample.cellVoltage_mV)) {
      this.#same++;
      this.#currentMoved ||= Math.abs(sample.packCurrent_A - last.packCurrent_A) >= stirring_A;
      return;
    }
    this.#same = 0;
    this.#currentMoved = false;
  }
}

/** A change of current that every pack's cells answer with more than a millivolt. */
const stirring_A = 5;

function isSame(a: Uint16Array, b: Uint16Array): boolean {
  return a.length > 0 && a.length === b.length && a.every((value, i) => value === b[i]);
}

function notFinite(sample: PackSample): PlausibilityProblem | undefined {
  const scalars = ["wall_ms", "monotonic_ms", "packVoltage_V", "packCurrent_A", "soc"] as const;
  const name = scalars.find((key) => !Number.isFinite(sample[key]));
  if (name !== undefined) return { code: "NOT_FINITE", detail: `${name} is ${sample[name]}` };
  const place = sample.temperature_degC.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return undefined;
  return { code: "NOT_FINITE", detail: `sensor ${place} is no number`, place };
}

function outOfRange(
  sample: PackSample,
  range: PlausibleRange,
): (PlausibilityProblem | undefined)[] {
  const cells = sample.cellVoltage_mV;
  const cell = cells.findIndex(
    (value) => value < range.cellVoltageMin_mV || value > range.cellVoltageMax_mV,
  );
  const temperatures = sample.temperature_degC;
  const sensor = temperatures.findIndex(
    (value) => value < range.temperatureMin_degC || value > range.temperatureMax_degC,
  );
  return [
    cells.length === 0 ? { code: "NO_CELLS", detail: "no cell voltage" } : undefined,
    cell < 0
      ? undefined
      : { code: "CELL_VOLTAGE_RANGE", detail: `cell ${cell} is ${cells[cell]} mV`, place: cell },
    sensor < 0
      ? undefined
      : {
          code: "TEMPERATURE_RANGE",
          detail: `sensor ${sensor} is ${temperatures[sensor]} degC`,
          place: sensor,
        },
    Math.abs(sample.packCurrent_A) > range.currentMax_A
      ? { code: "CURRENT_RANGE", detail: `current is ${sample.packCurrent_A} A` }
      : undefined,
    sample.soc < 0 || sample.soc > 1
      ? { code: "SOC_RANGE", detail: `soc is ${sample.soc}` }
      : undefined,
  ];
}

function sumMismatch(sample: PackSample, range: PlausibleRange): PlausibilityProblem | undefined {
  const sum_V = sample.cellVoltage_mV.reduce((sum, cell_mV) => sum + cell_mV, 0) / 1000;
  const difference_V = Math.abs(sample.packVoltage_V - sum_V);
  if (!(difference_V > range.sumTolerance * sum_V)) return undefined;
  const detail = `pack says ${sample.packVoltage_V} V, its cells sum to ${sum_V} V`;
  return { code: "SUM_MISMATCH", detail };
}
