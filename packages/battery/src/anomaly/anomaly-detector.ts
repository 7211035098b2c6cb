import type { CellDifferences } from "../estimation/cell-differences.ts";
import type { PackSample } from "../pack-sample.ts";
import type { SimulatedCell } from "../simulation/simulated-cell.ts";
import { CellWatch } from "./cell-watch.ts";
import { CoolingWatch } from "./cooling-watch.ts";
import { LineWatch, type VehicleState } from "./line-watch.ts";
import { TemperatureWatch } from "./temperature-watch.ts";

export const anomalyCauses = [
  "cell",
  "temperature-place",
  "cooling",
  "current-or-contactor",
  "insulation",
  "samples-missing",
  "clock",
] as const;
export type AnomalyCause = (typeof anomalyCauses)[number];

/** What stands out most now. */
export interface Anomaly {
  readonly cause: AnomalyCause;
  /** Cell or sensor where the cause is one, counted from 0. */
  readonly place: number | undefined;
  /** 0 is usual, 1 is the alarm threshold. Never NaN. */
  readonly score: number;
}

export interface AnomalyDetectorOptions {
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
  readonly cell: SimulatedCell;
  /** Charge of each cell against the mean one, where it is known from before. */
  readonly charges?: Float64Array | undefined;
}

const levelOff: VehicleState = { isParked: false };

/**
 * An anomaly score of one pack from its own readings: cells against the middle cell, temperature places
 * against the middle one, cooling, current, insulation, missing samples and clock. Causal: each score uses
 * readings up to its own. Learns what is usual for the pack in its first day and a half; leaks are judged
 * only after that, residuals after six hours. Takes samples in order, any interval up to an hour; a sample
 * that is no number, or of another number of cells, is passed over.
 */
export class AnomalyDetector {
  readonly #options: AnomalyDetectorOptions;
  readonly #cells: CellWatch;
  readonly #temperatures: TemperatureWatch;
  readonly #cooling: CoolingWatch;
  readonly #line: LineWatch;

  constructor(options: AnomalyDetectorOptions) {
    this.#options = options;
    this.#cells = new CellWatch(options);
    this.#temperatures = new TemperatureWatch(options.sensors);
    this.#cooling = new CoolingWatch(options);
    this.#line = new LineWatch(options);
  }

  /** The filters of each cell against the mean one, read only. */
  get differences(): CellDifferences {
    return this.#cells.differences;
  }

  update(sample: PackSample, state: VehicleState = levelOff): Anomaly {
    if (!this.#isUsable(sample)) return { cause: "cell", place: undefined, score: 0 };
    const cell = this.#cells.update(sample);
    const temperature = this.#temperatures.update(sample);
    const line = this.#line.update({ ...sample, soc: this.#cells.socOf(sample) }, state);
    const anomalies: readonly Anomaly[] = [
      { cause: "cell", place: cell.cell, score: cell.score },
      { cause: "temperature-place", place: temperature.sensor, score: temperature.score },
      { cause: "cooling", place: undefined, score: this.#cooling.update(sample, state.isParked) },
      { cause: "current-or-contactor", place: undefined, score: line.currentScore },
      { cause: "insulation", place: undefined, score: line.insulation },
      { cause: "samples-missing", place: undefined, score: line.loss },
      { cause: "clock", place: undefined, score: line.clock },
    ];
    return anomalies.reduce((most, each) => (each.score > most.score ? each : most));
  }

  #isUsable(sample: PackSample): boolean {
    const { cells, sensors } = this.#options;
    return (
      sample.cellVoltage_mV.length === cells &&
      sample.temperature_degC.length === sensors &&
      Number.isFinite(sample.packCurrent_A) &&
      Number.isFinite(sample.soc) &&
      Number.isFinite(sample.monotonic_ms) &&
      Number.isFinite(sample.wall_ms) &&
      Number.isFinite(sample.packVoltage_V) &&
      sample.temperature_degC.every((each) => Number.isFinite(each))
    );
  }
}
