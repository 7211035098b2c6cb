/** What a cell may differ by from the pack's middle, and how fast that may change. */
const startSigma = {
  charge: 0.005,
  /** Relative, of 1/capacity. */
  slimness: 0.015,
  resistance: 0.12,
  offset_V: 0.0015,
  leak_A: 0.01,
} as const;
/** Random walks per √day. */
const walk = {
  charge: 2e-4,
  slimness: 5e-4,
  resistance: 0.01,
  offset_V: 5e-5,
  leak_A: 0.002,
} as const;
const day_s = 86_400;
const size = 5;
/** Readings closer together share their model errors, so they count as one per this time. */
const independent_s = 30;
const noise_V = 0.002;
/** Of the overpotential: the circuit is no better than this. */
const loadError = 0.04;
/** Surprises beyond this many sigmas are cut off: one wild reading must not teach the filter. */
const surpriseMax = 3;

/**
 * What distinguishes each cell from the middle one: charge Δz, slimness κ (relative 1/Q), resistance ρ
 * (relative), sensor offset β and leak λ. All cells see the same current and slope, so one covariance and
 * one gain serve all, and a cell costs a handful of multiplications. States are cell-major:
 * [Δz, κ, ρ, β, λ].
 */
export class CellFilter {
  readonly states: Float64Array;
  readonly #p: Float64Array;
  readonly #gain = new Float64Array(size);
  #spread_V = noise_V;
  #doubt_V = 0;

  constructor(cells: number, capacity_Ah: number) {
    this.states = new Float64Array(size * cells);
    this.#p = new Float64Array(size * size);
    const { charge, slimness, resistance, offset_V, leak_A } = startSigma;
    [charge, slimness, resistance, offset_V, (leak_A * capacity_Ah) / 150].forEach((sigma, i) => {
      this.#p[i * size + i] = sigma * sigma;
    });
  }

  /**
   * Sets every state's mean over the sound cells to 0. Only differences between cells can be seen, so what
   * all have in common would wander off, and then the bends of the curve would be looked for in the wrong place.
   */
  centre(isSound: (cell: number) => boolean): void {
    const { states } = this;
    const cells = states.length / size;
    for (let state = 0; state < size; state++) {
      let sum = 0;
      let sound = 0;
      for (let cell = 0; cell < cells; cell++) {
        if (!isSound(cell)) continue;
        sum += get(states, size * cell + state);
        sound++;
      }
      for (let cell = 0; cell < cells; cell++)
        add(states, size * cell + state, -sum / Math.max(1, sound));
    }
  }

  /** What the cells' charges differ by at first, to about half a per cent. */
  start(charges: Float64Array): void {
    charges.forEach((charge, i) => {
      if (size * i < this.states.length) this.states[size * i] = charge;
    });
  }

  /** σ of every cell's leak, in A. */
  get leakSigma_A(): number {
    return Math.sqrt(this.#p[size * size - 1] ?? 0);
  }

  /** σ of what the filter expected of the last reading, in V: how little it knew. */
  get doubt_V(): number {
    return this.#doubt_V;
  }

  leak_A(cell: number): number {
    return this.states[size * cell + 4] ?? 0;
  }

  /** Time passes: `moved` is the change of the middle cell's charge, `leaked` what 1 A would leak. */
  predict(o: { moved: number; leaked: number; step_s: number; capacity_Ah: number }): void {
    const { states } = this;
    for (let at = 0; at < states.length; at += size) {
      states[at] =
        (states[at] ?? 0) + (states[at + 1] ?? 0) * o.moved - (states[at + 4] ?? 0) * o.leaked;
    }
    const p = this.#p;
    // Δz depends on κ and λ; P ← F·P·Fᵀ with F = I + moved·e₀e₁ᵀ − leaked·e₀e₄ᵀ.
    for (let k = 0; k < size; k++)
      add(p, k, o.moved * get(p, size + k) - o.leaked * get(p, 4 * size + k));
    for (let k = 0; k < size; k++) {
      const row = k * size;
      add(p, row, o.moved * get(p, row + 1) - o.leaked * get(p, row + 4));
    }
    const days = o.step_s / day_s;
    const leakWalk_A = (walk.leak_A * o.capacity_Ah) / 150;
    add(p, 0, walk.charge ** 2 * days);
    add(p, 6, walk.slimness ** 2 * days);
    add(p, 12, walk.resistance ** 2 * days);
    add(p, 18, walk.offset_V ** 2 * days);
    add(p, 24, leakWalk_A ** 2 * days);
  }

  /** Sets the gain for this reading; `load_V` is the middle cell's overpotential. */
  prepare(o: { slope: number; load_V: number; step_s: number }): void {
    const h = [o.slope, 0, o.load_V, 1, 0];
    const p = this.#p;
    const repeats = Math.max(1, independent_s / Math.max(0.1, o.step_s));
    const noise = (noise_V ** 2 + (loadError * o.load_V) ** 2) * repeats;
    const ph = h.map((_, i) => h.reduce((sum, each, k) => sum + get(p, i * size + k) * each, 0));
    const s = ph.reduce((sum, each, i) => sum + each * (h[i] ?? 0), noise);
    for (let i = 0; i < size; i++) this.#gain[i] = (ph[i] ?? 0) / s;
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < size; k++) add(p, i * size + k, (-(ph[i] ?? 0) * (ph[k] ?? 0)) / s);
    }
    this.#doubt_V = Math.sqrt(Math.max(0, s - noise));
    this.#spread_V = surpriseMax * Math.sqrt(s);
  }

  /** Takes one cell's surprise in. */
  correct(cell: number, surprise_V: number, trust: number): void {
    const cut_V = Math.max(-this.#spread_V, Math.min(this.#spread_V, surprise_V));
    const at = cell * size;
    for (let i = 0; i < size; i++) {
      this.states[at + i] = (this.states[at + i] ?? 0) + (this.#gain[i] ?? 0) * trust * cut_V;
    }
  }
}

function get(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}

function add(values: Float64Array, i: number, amount: number): void {
  values[i] = (values[i] ?? 0) + amount;
}
