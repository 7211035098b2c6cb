import { noStatus } from "../status/status-class.ts";

/** What training counted for one horizon: everything that the baselines need beside the memory. */
export interface HorizonTables {
  readonly classCount: number;
  /** Share of each class in the truth. */
  readonly shares: Float64Array;
  /** Class now × class then: counts. */
  readonly transitions: Float64Array;
  /** Point × class now × class then: counts. */
  readonly pointTransitions: Float32Array;
  /** Per class now: how much of the blend is persistence. */
  readonly persistence: Float64Array;
}

/** Counts training rows. */
export class HorizonTablesBuilder {
  readonly #classCount: number;
  readonly #shares: Float64Array;
  readonly #transitions: Float64Array;
  readonly #pointTransitions: Float32Array;
  readonly #products: Float64Array;
  readonly #squares: Float64Array;

  constructor(o: { classCount: number; pointCount: number }) {
    this.#classCount = o.classCount;
    this.#shares = new Float64Array(o.classCount);
    this.#transitions = new Float64Array(o.classCount ** 2);
    this.#pointTransitions = new Float32Array(o.pointCount * o.classCount ** 2);
    this.#products = new Float64Array(o.classCount);
    this.#squares = new Float64Array(o.classCount);
  }

  /** `habit` is the point's share of each class at the target's hour. */
  add(o: { point: number; last: number; truth: number; habit: ArrayLike<number> }): void {
    const { point, last, truth, habit } = o;
    const count = this.#classCount;
    increase(this.#shares, truth, 1);
    if (last === noStatus) return;
    increase(this.#transitions, last * count + truth, 1);
    increase(this.#pointTransitions, (point * count + last) * count + truth, 1);
    // Least squares of truth − habit on persistence − habit, over classes.
    for (let c = 0; c < count; c++) {
      const step = (c === last ? 1 : 0) - (habit[c] ?? 0);
      increase(this.#products, last, ((c === truth ? 1 : 0) - (habit[c] ?? 0)) * step);
      increase(this.#squares, last, step * step);
    }
  }

  build(): HorizonTables {
    const rows = this.#shares.reduce((sum, value) => sum + value, 0);
    return {
      classCount: this.#classCount,
      shares: this.#shares.map((value) => (rows === 0 ? 0 : value / rows)),
      transitions: this.#transitions,
      pointTransitions: this.#pointTransitions,
      persistence: this.#products.map((product, c) => {
        const squares = this.#squares[c] ?? 0;
        return squares === 0 ? 0 : Math.min(1, Math.max(0, product / squares));
      }),
    };
  }
}

function increase(array: Float64Array | Float32Array, at: number, by: number): void {
  array[at] = (array[at] ?? 0) + by;
}
