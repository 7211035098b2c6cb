import { type AgeingState, age, newCell } from "./ageing/cell-ageing.ts";
import type { PackPhysics } from "./pack-physics.ts";

/** Cells are looked at once a minute and worn once a day: wear is slow. */
const lookEvery_s = 60;
const day_s = 86_400;

/** Ages every cell of a pack by what it went through; changes the pack's capacity and resistance factors. */
export class PackWear {
  readonly #physics: PackPhysics;
  readonly #states: readonly AgeingState[];
  readonly #sum_degC: Float64Array;
  readonly #sum_V: Float64Array;
  readonly #lowest: Float64Array;
  readonly #highest: Float64Array;
  #looks = 0;
  #nextLook_s = 0;
  #nextDay_s = day_s;
  #throughput_Ah = 0;

  constructor(physics: PackPhysics) {
    this.#physics = physics;
    this.#states = Array.from({ length: physics.count }, newCell);
    this.#sum_degC = new Float64Array(physics.count);
    this.#sum_V = new Float64Array(physics.count);
    this.#lowest = physics.soc.slice();
    this.#highest = physics.soc.slice();
  }

  observe(step: { elapsed_s: number; throughput_Ah: number }): void {
    this.#throughput_Ah += step.throughput_Ah;
    if (step.elapsed_s >= this.#nextLook_s) this.#look(step.elapsed_s);
    if (step.elapsed_s >= this.#nextDay_s) this.#settle(step.elapsed_s);
  }

  #look(elapsed_s: number): void {
    this.#nextLook_s = elapsed_s + lookEvery_s;
    this.#looks++;
    const { soc, cell_degC, voltage_V } = this.#physics;
    for (let i = 0; i < soc.length; i++) {
      const own = soc[i] ?? 0;
      this.#sum_degC[i] = (this.#sum_degC[i] ?? 0) + (cell_degC[i] ?? 0);
      this.#sum_V[i] = (this.#sum_V[i] ?? 0) + (voltage_V[i] ?? 0);
      if (own < (this.#lowest[i] ?? 0)) this.#lowest[i] = own;
      if (own > (this.#highest[i] ?? 0)) this.#highest[i] = own;
    }
  }

  #settle(elapsed_s: number): void {
    const { capacity_Ah, strings, cell } = this.#physics.options;
    const step_d = 1 + (elapsed_s - this.#nextDay_s) / day_s;
    this.#nextDay_s = elapsed_s + day_s;
    this.#states.forEach((state, i) => {
      const before = lossOf(state);
      const low = this.#lowest[i] ?? 0;
      const high = this.#highest[i] ?? 0;
      age(cell.chemistry, state, {
        step_d,
        cell_K: (this.#sum_degC[i] ?? 0) / this.#looks + 273.15,
        cell_V: (this.#sum_V[i] ?? 0) / this.#looks,
        soc: Math.min(1, Math.max(0, (low + high) / 2)),
        depth: Math.min(1, Math.max(0, high - low)),
        throughput: this.#throughput_Ah / (capacity_Ah * strings),
      });
      this.#wear(i, before, lossOf(state));
    });
    this.#looks = 0;
    this.#throughput_Ah = 0;
    this.#sum_degC.fill(0);
    this.#sum_V.fill(0);
    this.#lowest.set(this.#physics.soc);
    this.#highest.set(this.#physics.soc);
  }

  #wear(i: number, before: Loss, after: Loss): void {
    const { capacityFactor, resistanceFactor } = this.#physics;
    capacityFactor[i] = ((capacityFactor[i] ?? 1) * after.capacityLeft) / before.capacityLeft;
    resistanceFactor[i] = ((resistanceFactor[i] ?? 1) * after.resistance) / before.resistance;
  }
}

export interface Loss {
  readonly capacityLeft: number;
  readonly resistance: number;
}

/** What is left of capacity, at least a tenth, and what resistance has become; both over new. */
export function lossOf(state: AgeingState): Loss {
  return {
    capacityLeft: Math.max(0.1, 1 - state.calendar - state.cycling),
    resistance: 1 + state.resistanceCalendar + state.resistanceCycling,
  };
}
