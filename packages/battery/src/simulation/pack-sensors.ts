import type { Random } from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { quickNormal } from "./noise-table.ts";

/** The state of a pack as it is, before any sensor looks at it. */
export interface TrueState {
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly current_A: number;
  readonly soc: number;
  readonly cellVoltage_V: Float64Array;
  /** Per sensor place. */
  readonly temperature_degC: Float64Array;
}

/** Noise (σ), offset and step of the sensors of a production battery management system. */
const cellNoise_mV = 1.5;
const cellBias_mV = 2;
const packNoise_V = 0.05;
const packGain = 0.002;
const packStep_V = 0.1;
const currentGain = 0.005;
const currentBias_A = 0.1;
const currentStep_A = 0.1;
const temperatureBias_degC = 1;
const temperatureStep_degC = 0.5;
const socStep = 0.001;

/** The sensors of one pack, each with its own offset for life. */
export class PackSensors {
  readonly #random: Random;
  readonly #noise_mV: number;
  readonly #strings: number;
  readonly #cellOffset_mV: Float64Array;
  readonly #temperatureOffset_degC: Float64Array;
  readonly #packGain: number;
  readonly #currentGain: number;
  readonly #currentOffset_A: number;

  /** `noise_mV` is the σ of a cell reading, `offset_mV` the most that it is off for life. Cells and strings in parallel count one pack voltage. */
  constructor(options: {
    cells: number;
    sensors: number;
    random: Random;
    noise_mV?: number;
    offset_mV?: number;
    strings?: number;
  }) {
    const { random } = options;
    this.#noise_mV = options.noise_mV ?? cellNoise_mV;
    this.#strings = options.strings ?? 1;
    const within = (bound: number): number => bound * (2 * random.uniform() - 1);
    this.#random = random;
    this.#cellOffset_mV = Float64Array.from({ length: options.cells }, () =>
      within(options.offset_mV ?? cellBias_mV),
    );
    this.#temperatureOffset_degC = Float64Array.from({ length: options.sensors }, () =>
      within(temperatureBias_degC),
    );
    this.#packGain = 1 + within(packGain);
    this.#currentGain = 1 + within(currentGain);
    this.#currentOffset_A = within(currentBias_A);
  }

  read(state: TrueState): PackSample {
    const random = this.#random;
    const cellVoltage_mV = new Uint16Array(state.cellVoltage_V.length);
    let sum_V = 0;
    for (let i = 0; i < cellVoltage_mV.length; i++) {
      const true_V = state.cellVoltage_V[i] ?? 0;
      sum_V += true_V;
      const noise_mV = (this.#cellOffset_mV[i] ?? 0) + this.#noise_mV * quickNormal(random);
      cellVoltage_mV[i] = Math.min(65_535, Math.max(0, Math.round(true_V * 1000 + noise_mV)));
    }
    return {
      wall_ms: state.wall_ms,
      monotonic_ms: state.monotonic_ms,
      packVoltage_V: inSteps(
        (sum_V / this.#strings) * this.#packGain + packNoise_V * quickNormal(random),
        packStep_V,
      ),
      packCurrent_A: inSteps(
        state.current_A * this.#currentGain + this.#currentOffset_A,
        currentStep_A,
      ),
      soc: inSteps(Math.min(1, Math.max(0, state.soc)), socStep),
      cellVoltage_mV,
      temperature_degC: Float32Array.from(state.temperature_degC, (true_degC, i) =>
        inSteps(true_degC + (this.#temperatureOffset_degC[i] ?? 0), temperatureStep_degC),
      ),
    };
  }
}

function inSteps(value: number, step: number): number {
  // Dividing by the whole number of steps per unit gives the double nearest to the decimal.
  const perUnit = Math.round(1 / step);
  return Math.round(value * perUnit) / perUnit;
}
