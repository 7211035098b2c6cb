import type { BatterySample } from "@voltfog/messages";
import type { SampleColumns } from "../store/telemetry-store.ts";

/**
 * Turns samples into columns, with the extremes of each sample's cells and sensors. Cells and
 * sensors themselves stay in the signed frame, where they take a tenth of the room.
 */
export class SampleCollector {
  #columns: Growing = columnsOf(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(sample: BatterySample, sampleIndex: number): void {
    if (this.#length === this.#columns.wall_ms.length) this.#columns = enlarged(this.#columns);
    const at = this.#length++;
    const columns = this.#columns;
    columns.wall_ms[at] = sample.wall_ms;
    columns.sampleIndex[at] = sampleIndex;
    columns.packVoltage_V[at] = sample.packVoltage_V;
    columns.packCurrent_A[at] = sample.packCurrent_A;
    columns.soc[at] = sample.soc;
    addCells(columns, at, sample.cellVoltage_mV);
    addTemperatures(columns, at, sample.temperature_degC);
  }

  finish(): SampleColumns {
    return { length: this.#length, ...this.#columns };
  }
}

type Growing = Omit<SampleColumns, "length">;

function addCells(columns: Growing, at: number, cells_mV: Uint16Array): void {
  let lowest = 0;
  let highest = 0;
  let sum_mV = 0;
  for (let i = 0; i < cells_mV.length; i++) {
    const cell_mV = cells_mV[i] ?? 0;
    sum_mV += cell_mV;
    if (cell_mV < (cells_mV[lowest] ?? 0)) lowest = i;
    if (cell_mV > (cells_mV[highest] ?? 0)) highest = i;
  }
  columns.cellMin_mV[at] = cells_mV[lowest] ?? 0;
  columns.cellMean_mV[at] = sum_mV / Math.max(1, cells_mV.length);
  columns.cellMax_mV[at] = cells_mV[highest] ?? 0;
  columns.cellMinIndex[at] = lowest;
  columns.cellMaxIndex[at] = highest;
}

function addTemperatures(columns: Growing, at: number, sensors_degC: Float32Array): void {
  let coldest = 0;
  let hottest = 0;
  for (let i = 0; i < sensors_degC.length; i++) {
    const sensor_degC = sensors_degC[i] ?? 0;
    if (sensor_degC < (sensors_degC[coldest] ?? 0)) coldest = i;
    if (sensor_degC > (sensors_degC[hottest] ?? 0)) hottest = i;
  }
  columns.temperatureMin_degC[at] = sensors_degC[coldest] ?? Number.NaN;
  columns.temperatureMax_degC[at] = sensors_degC[hottest] ?? Number.NaN;
  columns.temperatureMaxIndex[at] = hottest;
}

function columnsOf(length: number): Growing {
  return {
    wall_ms: new Float64Array(length),
    sampleIndex: new Uint8Array(length),
    packVoltage_V: new Float32Array(length),
    packCurrent_A: new Float32Array(length),
    soc: new Float32Array(length),
    cellMin_mV: new Uint16Array(length),
    cellMean_mV: new Float32Array(length),
    cellMax_mV: new Uint16Array(length),
    cellMinIndex: new Uint16Array(length),
    cellMaxIndex: new Uint16Array(length),
    temperatureMin_degC: new Float32Array(length),
    temperatureMax_degC: new Float32Array(length),
    temperatureMaxIndex: new Uint16Array(length),
  };
}

function enlarged(columns: Growing): Growing {
  const larger = columnsOf(columns.wall_ms.length * 2);
  for (const name of Object.keys(columns) as (keyof Growing)[]) larger[name].set(columns[name]);
  return larger;
}
