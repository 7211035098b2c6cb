import type { PackSample } from "../pack-sample.ts";

export interface SensorSuspicion {
  readonly sensor: number;
  /** 1 is the alarm threshold. */
  readonly score: number;
}

const window_s = 120;
/** Sensors are off by up to 1 °C, the coolant warms by a few degrees along the cells under load. */
const apart_degC = 4;
/** How far a sensor usually is from the middle is learned this slowly. */
const learning_s = 2 * 86_400;
const settling_s = 6 * 3600;

/** Watches temperature places against the middle one: a sensor or a cell that goes its own way. */
export class TemperatureWatch {
  readonly #apart_degC: Float64Array;
  readonly #usual_degC: Float64Array;
  #last_ms: number | undefined;
  #elapsed_s = 0;

  constructor(sensors: number) {
    this.#apart_degC = new Float64Array(sensors);
    this.#usual_degC = new Float64Array(sensors);
  }

  update(sample: PackSample): SensorSuspicion {
    const temperatures = sample.temperature_degC;
    const step_s = (sample.monotonic_ms - (this.#last_ms ?? sample.monotonic_ms)) / 1000;
    this.#last_ms = sample.monotonic_ms;
    if (!(step_s > 0) || temperatures.length !== this.#apart_degC.length)
      return { sensor: 0, score: 0 };
    this.#elapsed_s += step_s;
    const middle_degC = temperatures.slice().sort()[temperatures.length >> 1] ?? 0;
    const share = 1 - Math.exp(-step_s / window_s);
    // Learned as a mean at first, then ever more slowly.
    const teach = step_s / Math.min(learning_s, Math.max(step_s, this.#elapsed_s));
    let sensor = 0;
    let score = 0;
    for (let i = 0; i < temperatures.length; i++) {
      const own_degC = (temperatures[i] ?? 0) - middle_degC - (this.#usual_degC[i] ?? 0);
      const apart = (this.#apart_degC[i] ?? 0) + share * (own_degC - (this.#apart_degC[i] ?? 0));
      this.#apart_degC[i] = apart;
      const its = Math.abs(apart) / apart_degC;
      if (its < 0.7) this.#usual_degC[i] = (this.#usual_degC[i] ?? 0) + teach * own_degC;
      if (its > score) {
        score = its;
        sensor = i;
      }
    }
    return { sensor, score: this.#elapsed_s < settling_s ? 0 : score };
  }
}
