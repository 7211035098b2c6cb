import type { Random } from "@voltfog/runtime";

/** What the simulated driver is doing, as a current in C (capacity per hour; charge positive). */
interface Phase {
  readonly rate: number;
  /** How long it takes, shortest and longest. */
  readonly time_s: readonly [number, number];
}

const driving: readonly Phase[] = [
  { rate: -2.2, time_s: [3, 12] }, // accelerate
  { rate: -0.35, time_s: [10, 60] }, // city
  { rate: -0.8, time_s: [20, 180] }, // motorway
  { rate: 0.6, time_s: [2, 8] }, // brake
  { rate: -0.02, time_s: [5, 40] }, // stand
];
const charging: Phase = { rate: 0.5, time_s: [60, 60] };

const chargeBelow = 0.15;
const chargeUntil = 0.85;
/** How much of the way to the wanted current is made per second. */
const response = 0.4;

/** An endless drive: accelerate, cruise, brake and stand at random, charge when low. Repeats by its seed. */
export class DriveCurrent {
  readonly #random: Random;
  readonly #capacity_Ah: number;
  #rate = 0;
  #left_s = 0;
  #phase: Phase = { rate: 0, time_s: [0, 0] };

  constructor(options: { random: Random; capacity_Ah: number }) {
    this.#random = options.random;
    this.#capacity_Ah = options.capacity_Ah;
  }

  /** The pack current over the next step; the state of charge decides between driving and charging. */
  next_A(options: { step_s: number; soc: number }): number {
    const { step_s, soc } = options;
    const done = this.#phase === charging ? soc >= chargeUntil : this.#left_s <= 0;
    if (done || (soc < chargeBelow && this.#phase !== charging)) this.#begin(soc);
    this.#left_s -= step_s;
    this.#rate += Math.min(1, response * step_s) * (this.#phase.rate - this.#rate);
    return this.#rate * this.#capacity_Ah;
  }

  #begin(soc: number): void {
    const choice = driving[Math.floor(this.#random.uniform() * driving.length)];
    this.#phase = soc < chargeBelow || choice === undefined ? charging : choice;
    const [shortest_s, longest_s] = this.#phase.time_s;
    this.#left_s = shortest_s + this.#random.uniform() * (longest_s - shortest_s);
  }
}
