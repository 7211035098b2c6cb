import { restSlope } from "../simulation/simulated-cell.ts";
import type { Interval90 } from "./daily-indicators.ts";
import type { PackDescription } from "./day-readings.ts";
import type { RowStep } from "./row-steps.ts";

/** A step of current that tells a resistance, in C. */
const stepRate = 0.05;
const keptPerDay = 0.9;
const interval90 = 1.645;
/** Of a difference of two means of a hundred cells. */
const noise_V = 0.001;
/** The temperature sensor, 1 °C off, moves the resistance by this share. */
const lastingShare = 0.03;

/**
 * Resistance of the mean cell at 25 °C from the steps of current of the last ten days: least squares on
 * ΔV − slope·Δcharge over ΔI. It is that of the time between two rows: over minutes it holds the relaxing
 * terms, at 1 Hz hardly. Sums are `saved` from day to day. Null until a step of current was seen.
 */
export class DayResistance {
  readonly #pack: PackDescription;
  #xx: number;
  #xy: number;
  #yy: number;

  constructor(pack: PackDescription, saved: readonly number[]) {
    this.#pack = pack;
    const [xx = 0, xy = 0, yy = 0] = saved;
    this.#xx = keptPerDay * xx;
    this.#xy = keptPerDay * xy;
    this.#yy = keptPerDay * yy;
  }

  get saved(): readonly number[] {
    return [this.#xx, this.#xy, this.#yy];
  }

  /** V per C. */
  get perRate(): number | null {
    return this.#xx > 0.01 ? Math.max(0, this.#xy / this.#xx) : null;
  }

  get resistance_Ohm(): Interval90 | null {
    const perRate = this.perRate;
    if (perRate === null) return null;
    const residual = Math.max(0, this.#yy - this.#xy ** 2 / this.#xx) * (1 - keptPerDay);
    const random = Math.sqrt((residual + noise_V ** 2) / this.#xx);
    const half = interval90 * Math.hypot(random, lastingShare * perRate);
    const { capacity_Ah } = this.#pack;
    return {
      value: perRate / capacity_Ah,
      low: Math.max(0, perRate - half) / capacity_Ah,
      high: (perRate + half) / capacity_Ah,
    };
  }

  follow(steps: readonly RowStep[]): void {
    const { cell, capacity_Ah } = this.#pack;
    for (const { before, row, step_s, isJoined } of steps) {
      const change = (row.current_A - before.current_A) / capacity_Ah;
      if (!isJoined || Math.abs(change) < stepRate || !Number.isFinite(row.soc)) continue;
      const kelvin = (row.coldest_degC + row.hottest_degC) / 2 + 273.15;
      const warmth = Math.exp(cell.arrhenius_K * (1 / kelvin - 1 / 298.15));
      const charged = (row.current_A * step_s) / 3600 / capacity_Ah;
      const slope = restSlope(cell.ocv_V, row.soc - charged / 2);
      const answer_V = row.mean_V - before.mean_V - slope * charged;
      const input = change * warmth;
      this.#xx += input * input;
      this.#xy += input * answer_V;
      this.#yy += answer_V * answer_V;
    }
  }
}
