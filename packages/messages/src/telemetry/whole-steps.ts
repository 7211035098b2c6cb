import type { BatterySample } from "../battery-sample.ts";
import { requireEncodable, wholeNumber } from "../encodable.ts";
import { meanOf } from "./cell-code.ts";
import { temperatureMax } from "./temperatures.ts";

/** Bounds of what a frame carries, in its steps. */
export const samplesMax = 64;
export const cellsMax = 1024;
export const sensorsMax = 256;
/** Milliseconds: until the year 10889, and far enough from 2^53 for the differences. */
export const timeMax: number = 2 ** 48 - 1;
export const currentMax: number = 2 ** 31 - 1;
export const socMax = 1000;
export const packVoltageMax: number = 2 ** 32 - 1;

/** The samples of a frame as whole numbers of steps, one column per quantity. */
export interface WholeSteps {
  /** ms */
  readonly monotonic: number[];
  /** Wall minus monotonic, ms. */
  readonly wallOffset: number[];
  /** 0.01 A */
  readonly currentSteps: number[];
  /** 0.001 */
  readonly soc: number[];
  /** Mean of the cells, mV. */
  readonly mean: number[];
  /** 0.01 V */
  readonly packVoltageSteps: number[];
  /** Sum of the cells, 0.01 V. */
  readonly cellSum: number[];
  /** 0.1 °C, sample after sample. */
  readonly temperatures: Int32Array;
}

/** Rounds to the steps. NOT_ENCODABLE where samples differ in shape or a value is out of range. */
export function inWholeSteps(samples: readonly BatterySample[]): WholeSteps {
  const cells = samples[0]?.cellVoltage_mV.length ?? 0;
  const sensors = samples[0]?.temperature_degC.length ?? 0;
  wholeNumber({ name: "number of samples", value: samples.length, min: 1, max: samplesMax });
  wholeNumber({ name: "number of cells", value: cells, min: 1, max: cellsMax });
  wholeNumber({ name: "number of temperatures", value: sensors, min: 0, max: sensorsMax });
  const sums = samples.map((sample) => {
    const sameShape =
      sample.cellVoltage_mV.length === cells && sample.temperature_degC.length === sensors;
    requireEncodable(sameShape, "samples of one frame have the same cells and temperatures");
    return sumOf(sample.cellVoltage_mV);
  });
  const monotonic = samples.map((sample) =>
    steps({ name: "monotonic_ms", value: sample.monotonic_ms, perUnit: 1, min: 0, max: timeMax }),
  );
  return {
    monotonic,
    wallOffset: samples.map(
      ({ wall_ms }, t) =>
        steps({ name: "wall_ms", value: wall_ms, perUnit: 1, min: 0, max: timeMax }) -
        (monotonic[t] as number),
    ),
    currentSteps: samples.map(({ packCurrent_A: value }) =>
      steps({ name: "packCurrent_A", value, perUnit: 100, min: -currentMax, max: currentMax }),
    ),
    soc: samples.map(({ soc: value }) =>
      steps({ name: "soc", value, perUnit: 1000, min: 0, max: socMax }),
    ),
    mean: sums.map((sum) => meanOf(sum, cells)),
    packVoltageSteps: samples.map(({ packVoltage_V: value }) =>
      steps({ name: "packVoltage_V", value, perUnit: 100, min: 0, max: packVoltageMax }),
    ),
    cellSum: sums.map(inCentivolts),
    temperatures: temperatureSteps(samples, sensors),
  };
}

/** A sum of millivolts in steps of 0.01 V, rounded to the nearest, half up. */
export function inCentivolts(sum_mV: number): number {
  return Math.floor((sum_mV + 5) / 10);
}

export function sumOf(cells: Uint16Array): number {
  let sum = 0;
  for (let i = 0; i < cells.length; i++) sum += cells[i] as number;
  return sum;
}

function temperatureSteps(samples: readonly BatterySample[], sensors: number): Int32Array {
  const all = new Int32Array(samples.length * sensors);
  samples.forEach(({ temperature_degC }, t) => {
    for (let i = 0; i < sensors; i++) {
      const reading = Math.round((temperature_degC[i] as number) * 10);
      // NaN fails the comparison too.
      const inRange = Math.abs(reading) <= temperatureMax;
      if (!inRange) requireEncodable(false, `temperature ${i} is ${reading / 10} degC`);
      all[t * sensors + i] = reading;
    }
  });
  return all;
}

function steps(options: {
  name: string;
  value: number;
  perUnit: number;
  min: number;
  max: number;
}): number {
  const { name, value, perUnit, min, max } = options;
  return wholeNumber({ name, value: Math.round(value * perUnit), min, max });
}
