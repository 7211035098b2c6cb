import { normal, type Random } from "@voltfog/runtime";
import { quickNormal } from "../noise-table.ts";
import { randomStream } from "../random-stream.ts";
import type { HistoryPack } from "./history-pack.ts";
import { historyPurposes } from "./history-vehicle.ts";

/** A row of a day, as the cloud keeps one: the pack beside its least, mean and greatest cell. */
export interface HistoryRow {
  readonly packVoltage_V: number;
  readonly packCurrent_A: number;
  readonly soc: number;
  readonly cellMin_mV: number;
  readonly cellMean_mV: number;
  readonly cellMax_mV: number;
  readonly temperatureMin_degC: number;
  readonly temperatureMax_degC: number;
}

const cellNoise_mV = 1.5;
const cellOffset_mV = 2;
/** σ of the current sensor's gain when it has drifted, and just after it was calibrated. */
const gainDrifted = 0.009;
const gainFresh = 0.003;
const currentOffset_A = 0.1;
const currentStep_A = 0.1;
const temperatureOffset_degC = 0.7;
const temperatureStep_degC = 0.5;
/** The open-circuit voltage of this pack is not quite that of its type: σ of a wave over the charge. */
const curve_V = 0.0015;
/** A day's drift of the counted charge: σ of each day, and the most that every day adds alike. */
const countDrift = 0.0002;
const countBias = 0.0003;
const countError = 0.04;
const recalibrationsPerYear = 0.6;

/** The sensors and the charge counter of one pack, with what is wrong about them. */
export class HistorySensors {
  readonly #noise: Random;
  readonly #draw: Random;
  readonly #cellOffset_V: Float64Array;
  readonly #placeOffset_degC: Float64Array;
  readonly #offset_A: number;
  readonly #wave_V: number;
  readonly #phase: number;
  readonly #voltages_V: Float64Array;
  gain: number;
  readonly #bias: number;
  #countError: number;

  constructor(o: { seed: number; vehicle: number; cells: number; sensors: number }) {
    this.#noise = randomStream({ ...o, purpose: historyPurposes.noise });
    this.#draw = randomStream({ ...o, purpose: historyPurposes.sensors });
    const within = (bound: number): number => bound * (2 * this.#draw.uniform() - 1);
    this.#cellOffset_V = Float64Array.from({ length: o.cells }, () => within(cellOffset_mV) / 1000);
    this.#placeOffset_degC = Float64Array.from({ length: o.sensors }, () =>
      within(temperatureOffset_degC),
    );
    this.#offset_A = within(currentOffset_A);
    this.#wave_V = curve_V * normal(this.#draw);
    this.#phase = 2 * Math.PI * this.#draw.uniform();
    this.#voltages_V = new Float64Array(o.cells);
    this.gain = gainDrifted * normal(this.#draw);
    this.#bias = within(countBias);
    this.#countError = within(0.01);
  }

  /** One night: the counter drifts; now and then a workshop calibrates. Whether it did. */
  endDay(isRepaired: boolean): boolean {
    const drift = this.#bias + countDrift * normal(this.#draw);
    const isCalled = this.#draw.uniform() < recalibrationsPerYear / 365;
    this.#countError = Math.min(countError, Math.max(-countError, this.#countError + drift));
    if (!isCalled && !isRepaired) return false;
    this.gain = gainFresh * normal(this.#draw);
    this.#countError = 0;
    return true;
  }

  read(pack: HistoryPack): HistoryRow {
    const noise = this.#noise;
    const volts = this.#voltages_V;
    pack.voltages(volts);
    const soc = pack.meanSoc;
    const wave_V = this.#wave_V * Math.sin(2 * Math.PI * soc + this.#phase);
    const { cell: hurt, sensor_mV } = pack.sensorFault;
    let [least_V, most_V, sum_V] = [9, 0, 0];
    for (let i = 0; i < volts.length; i++) {
      const off_V = (this.#cellOffset_V[i] as number) + (cellNoise_mV / 1000) * quickNormal(noise);
      let own_V = (volts[i] as number) + wave_V + off_V;
      if (i === hurt) own_V += sensor_mV / 1000;
      if (own_V < least_V) least_V = own_V;
      if (own_V > most_V) most_V = own_V;
      sum_V += own_V;
    }
    const current_A = pack.rate * pack.preset.capacity_Ah * (1 + this.gain) + this.#offset_A;
    const places = this.#places(pack);
    return {
      packVoltage_V: inSteps(sum_V + 0.05 * quickNormal(noise), 0.1),
      packCurrent_A: inSteps(current_A, currentStep_A),
      soc: inSteps(Math.min(1, Math.max(0, soc + this.#countError)), 0.001),
      cellMin_mV: Math.round(least_V * 1000),
      cellMean_mV: inSteps((sum_V / volts.length) * 1000, 0.01),
      cellMax_mV: Math.round(most_V * 1000),
      ...places,
    };
  }

  #places(pack: HistoryPack): { temperatureMin_degC: number; temperatureMax_degC: number } {
    const last = Math.max(1, this.#placeOffset_degC.length - 1);
    const gradient_K = pack.gradient_K;
    let [least, most] = [999, -999];
    for (let place = 0; place <= last; place++) {
      const along_K = gradient_K * (place / last - 0.5);
      const own_degC = pack.core_degC + along_K + (this.#placeOffset_degC[place] ?? 0);
      if (own_degC < least) least = own_degC;
      if (own_degC > most) most = own_degC;
    }
    return {
      temperatureMin_degC: inSteps(least, temperatureStep_degC),
      temperatureMax_degC: inSteps(most, temperatureStep_degC),
    };
  }
}

function inSteps(value: number, step: number): number {
  // Dividing by the whole number of steps per unit gives the double nearest to the decimal.
  const perUnit = Math.round(1 / step);
  return Math.round(value * perUnit) / perUnit;
}
