/** Residuals are smoothed over this long. */
const memory_s = 600;
/** A residual beyond this is a step or a broken sensor, and counts no more than this. */
const most_V = 0.1;

/**
 * How far each cell's voltage lies above what its filter expected, without what all cells share (the model's
 * own error, by the middle cell), smoothed over ten minutes. Cost: a sort of the cells per step.
 */
export class CellResiduals {
  /** Per cell, in V; never NaN. */
  readonly residual_V: Float64Array;
  readonly #sorted: Float64Array;
  #common_V = 0;
  #seen_s = 0;

  constructor(cells: number, saved?: Float64Array) {
    this.residual_V = new Float64Array(cells);
    this.#sorted = new Float64Array(cells);
    if (saved?.length === cells) this.residual_V.set(saved);
  }

  /** What all cells share, smoothed: the model's error now. */
  get common_V(): number {
    return this.#common_V;
  }

  /** Since the start, at most a day: how much there is behind the residuals. */
  get seen_s(): number {
    return this.#seen_s;
  }

  get worst(): { readonly cell: number; readonly residual_V: number } {
    let cell = 0;
    for (let i = 1; i < this.residual_V.length; i++) {
      if (Math.abs(this.residual_V[i] ?? 0) > Math.abs(this.residual_V[cell] ?? 0)) cell = i;
    }
    return { cell, residual_V: this.residual_V[cell] ?? 0 };
  }

  /** Takes a filter's innovations, in order; NaN where a cell had no sound voltage. */
  update(innovation_V: Float64Array, step_s: number): void {
    this.#sorted.set(innovation_V);
    // Numbers sort before NaN.
    this.#sorted.sort();
    let sound = this.#sorted.length;
    while (sound > 0 && Number.isNaN(this.#sorted[sound - 1])) sound--;
    if (sound === 0) return;
    const middle_V = this.#sorted[sound >> 1] ?? 0;
    const share = 1 - Math.exp(-step_s / memory_s);
    this.#seen_s = Math.min(86_400, this.#seen_s + step_s);
    this.#common_V += share * (bounded(middle_V) - this.#common_V);
    for (let cell = 0; cell < this.residual_V.length; cell++) {
      const own_V = (innovation_V[cell] as number) - middle_V;
      if (Number.isNaN(own_V)) continue;
      const before_V = this.residual_V[cell] as number;
      this.residual_V[cell] = before_V + share * (bounded(own_V) - before_V);
    }
  }
}

function bounded(value_V: number): number {
  return Math.min(most_V, Math.max(-most_V, value_V));
}
