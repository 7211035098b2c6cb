import { type AgeingState, type AgeingStress, age, newCell } from "../ageing/cell-ageing.ts";
import { type Loss, lossOf } from "../pack-wear.ts";
import type { SimulatedChemistry } from "../simulated-cell.ts";

/** What the middle of a pack went through on one day. */
export interface DayStress {
  readonly cell_K: number;
  readonly cell_V: number;
  readonly soc: number;
  readonly depth: number;
  readonly throughput: number;
}

const lifeMax_d = 40 * 365;
const longStep_d = 5;
const kept_d = 365;

/** Wear of every cell of a pack day by day, and of a cell in the middle that no fault hurts. */
export class HistoryWear {
  readonly #chemistry: SimulatedChemistry;
  readonly #place_K: Float64Array;
  /** How much faster than its type this pack ages. */
  readonly #pace: number;
  readonly #cells: readonly AgeingState[];
  readonly #middle = newCell();
  /** The last year, to go on with. */
  readonly #year: DayStress[] = [];

  constructor(o: { chemistry: SimulatedChemistry; place_K: Float64Array; pace: number }) {
    this.#chemistry = o.chemistry;
    this.#place_K = o.place_K;
    this.#pace = o.pace;
    this.#cells = Array.from(o.place_K, newCell);
  }

  /** What is left of a cell. */
  lossOf(cell: number): Loss {
    return lossOf(this.#cells[cell] ?? this.#middle);
  }

  get middle(): Loss {
    return lossOf(this.#middle);
  }

  /** A day, or several that were alike. */
  settle(stress: DayStress, step_d = 1): void {
    this.#year.push(stress);
    if (this.#year.length > kept_d) this.#year.shift();
    this.#age(this.#middle, stress, { step_d, place_K: 0 });
    for (let i = 0; i < this.#cells.length; i++) {
      const state = this.#cells[i] as AgeingState;
      this.#age(state, stress, { step_d, place_K: this.#place_K[i] ?? 0 });
    }
  }

  /** Days until the middle cell has this share of its capacity left, if the last year goes on; at most 40 years. */
  daysUntil(capacityLeft: number): number {
    const state = { ...this.#middle };
    for (let day = 0; day < lifeMax_d; day += longStep_d) {
      if (lossOf(state).capacityLeft <= capacityLeft) return day;
      const stress = this.#year[day % Math.max(1, this.#year.length)];
      if (stress === undefined) return lifeMax_d;
      this.#age(state, stress, { step_d: longStep_d, place_K: 0 });
    }
    return lifeMax_d;
  }

  #age(state: AgeingState, stress: DayStress, o: { step_d: number; place_K: number }): void {
    const full: AgeingStress = {
      step_d: o.step_d * this.#pace,
      cell_K: stress.cell_K + o.place_K,
      cell_V: stress.cell_V,
      soc: stress.soc,
      depth: stress.depth,
      throughput: stress.throughput * o.step_d * this.#pace,
    };
    age(this.#chemistry, state, full);
  }
}
