/** As in the simulator's thermal network, per Ah. */
const heatCapacityPerAh = (2.2 * 1100) / 150;
const coolingPerAh = 3 / 150;
/** How fast the observer follows the sensors, and how fast it learns the coolant, 1/s. */
const followPer_s = 1 / 300;
const learnPer_s = 1 / 3600;
const memory_s = 600;
const stepMax_s = 60;

/**
 * Follows the mean temperature of the cells by their heat, and finds the temperature of the coolant that
 * explains it (a Luenberger observer of two states). The residual is what neither explains: heat that no
 * current made, or cooling that is lost. Starts at the first sample. Total; never NaN.
 */
export class ThermalObserver {
  readonly #capacity_Ah: number;
  #expected_degC = Number.NaN;
  #coolant_degC = Number.NaN;
  #residual_K = 0;

  constructor(capacity_Ah: number, saved?: { expected_degC: number; coolant_degC: number }) {
    this.#capacity_Ah = capacity_Ah;
    if (saved === undefined) return;
    this.#expected_degC = saved.expected_degC;
    this.#coolant_degC = saved.coolant_degC;
  }

  /** Measured over expected, smoothed over ten minutes. */
  get residual_K(): number {
    return this.#residual_K;
  }

  /** What the coolant must have; NaN before the first sample. */
  get coolant_degC(): number {
    return this.#coolant_degC;
  }

  get expected_degC(): number {
    return this.#expected_degC;
  }

  /** `heat_W`: of one cell. Temperature and heat are finite. */
  update(o: { measured_degC: number; heat_W: number; step_s: number }): void {
    if (Number.isNaN(this.#expected_degC)) {
      this.#expected_degC = o.measured_degC;
      this.#coolant_degC = o.measured_degC;
      return;
    }
    const step_s = Math.min(stepMax_s, Math.max(0, o.step_s));
    const inertia = heatCapacityPerAh * this.#capacity_Ah;
    const taken_W = coolingPerAh * this.#capacity_Ah * (this.#expected_degC - this.#coolant_degC);
    this.#expected_degC += ((o.heat_W - taken_W) * step_s) / inertia;
    const error_K = o.measured_degC - this.#expected_degC;
    this.#residual_K += (1 - Math.exp(-step_s / memory_s)) * (error_K - this.#residual_K);
    this.#expected_degC += followPer_s * step_s * error_K;
    this.#coolant_degC += learnPer_s * step_s * error_K;
    this.#coolant_degC = Math.min(80, Math.max(-60, this.#coolant_degC));
  }
}
