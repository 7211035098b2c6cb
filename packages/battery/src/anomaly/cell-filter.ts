import type { CellDifference, CellDifferences } from "../estimation/cell-differences.ts";

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

/** Cells are sorted by how far their charge is from the middle; each band has a slope and a covariance. */
const bands = [-0.12, -0.09, -0.065, -0.04, -0.02, 0, 0.02, 0.04, 0.065, 0.09, 0.12] as const;

/**
 * What distinguishes each cell from the mean one: charge Δz, slimness κ (relative 1/Q), resistance ρ
 * (relative), sensor offset β and leak λ. All cells see the same current, and cells of like charge the same
 * slope, so one covariance and one gain serve a band of them, and a cell costs a handful of multiplications.
 * States are cell-major: [Δz, κ, ρ, β, λ].
 */
export class CellFilter implements CellDifferences {
  readonly states: Float64Array;
  readonly #capacity_Ah: number;
  readonly #bands: readonly Band[];
  readonly #bandOf: Uint8Array;

  constructor(cells: number, capacity_Ah: number) {
    this.states = new Float64Array(size * cells);
    this.#capacity_Ah = capacity_Ah;
    this.#bands = bands.map(() => new Band(capacity_Ah));
    this.#bandOf = new Uint8Array(cells).fill(bands.indexOf(0));
  }

  /** σ of every cell's leak, in A. */
  get leakSigma_A(): number {
    return Math.max(...this.#bands.map((band) => band.leakSigma_A));
  }

  /** σ of what the filter expected of a cell's last reading, in V: how little it knew. */
  get doubt_V(): number {
    return Math.max(...this.#bands.map((band) => band.doubt_V));
  }

  charge(cell: number): CellDifference {
    return this.#difference(cell, 0);
  }

  slimness(cell: number): CellDifference {
    return this.#difference(cell, 1);
  }

  resistance(cell: number): CellDifference {
    return this.#difference(cell, 2);
  }

  #difference(cell: number, state: number): CellDifference {
    const value = get(this.states, size * cell + state);
    return { value, sigma: this.#bands[this.#bandOf[cell] ?? 0]?.sigma(state) ?? 1 };
  }

  leak_A(cell: number): number {
    return this.states[size * cell + 4] ?? 0;
  }

  /** What the cells' charges differ by at first, to about half a per cent. */
  start(charges: Float64Array): void {
    charges.forEach((charge, i) => {
      if (i >= this.#bandOf.length) return;
      this.states[size * i] = charge;
      this.#bandOf[i] = bandOf(charge);
    });
  }

  /** Time passes: `moved` is the change of the mean cell's charge. */
  predict(o: { moved: number; step_s: number }): void {
    const { states } = this;
    const leaked = o.step_s / 3600 / this.#capacity_Ah;
    for (let at = 0; at < states.length; at += size) {
      states[at] =
        (states[at] ?? 0) + (states[at + 1] ?? 0) * o.moved - (states[at + 4] ?? 0) * leaked;
    }
    for (const band of this.#bands) band.predict({ ...o, leaked, capacity_Ah: this.#capacity_Ah });
  }

  /** Sets the gains for this reading; `load_V` is the mean cell's overpotential. */
  prepare(o: { slopeAt: (offset: number) => number; load_V: number; step_s: number }): void {
    bands.forEach((offset, i) => {
      this.#bands[i]?.prepare({ slope: o.slopeAt(offset), load_V: o.load_V, step_s: o.step_s });
    });
  }

  /** Takes one cell's surprise in; `trust` is 1 for a cell that nothing is held against. */
  correct(cell: number, surprise_V: number, trust: number): void {
    const band = this.#bands[this.#bandOf[cell] ?? 0];
    if (band === undefined) return;
    const cut_V = trust * Math.max(-band.spread_V, Math.min(band.spread_V, surprise_V));
    const at = cell * size;
    for (let i = 0; i < size; i++) add(this.states, at + i, get(band.gain, i) * cut_V);
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
      const mean = sum / Math.max(1, sound);
      for (let cell = 0; cell < cells; cell++) add(states, size * cell + state, -mean);
    }
    // Cells drift apart by self-discharge over months.
    for (let cell = 0; cell < cells; cell++) this.#bandOf[cell] = bandOf(get(states, size * cell));
  }
}

function bandOf(charge: number): number {
  let nearest = 0;
  bands.forEach((band, i) => {
    if (Math.abs(band - charge) < Math.abs((bands[nearest] ?? 0) - charge)) nearest = i;
  });
  return nearest;
}

/** The covariance and gain of cells of like charge. */
class Band {
  readonly gain = new Float64Array(size);
  /** Surprises are cut off here. */
  spread_V = noise_V;
  doubt_V = 0;
  readonly #p = new Float64Array(size * size);

  constructor(capacity_Ah: number) {
    const { charge, slimness, resistance, offset_V, leak_A } = startSigma;
    [charge, slimness, resistance, offset_V, (leak_A * capacity_Ah) / 150].forEach((sigma, i) => {
      this.#p[i * size + i] = sigma * sigma;
    });
  }

  get leakSigma_A(): number {
    return this.sigma(4);
  }

  sigma(state: number): number {
    return Math.sqrt(Math.max(0, get(this.#p, state * (size + 1))));
  }

  predict(o: { moved: number; leaked: number; step_s: number; capacity_Ah: number }): void {
    const p = this.#p;
    // Δz depends on κ and λ; P ← F·P·Fᵀ with F = I + moved·e₀e₁ᵀ − leaked·e₀e₄ᵀ.
    for (let k = 0; k < size; k++) {
      add(p, k, o.moved * get(p, size + k) - o.leaked * get(p, 4 * size + k));
    }
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

  prepare(o: { slope: number; load_V: number; step_s: number }): void {
    const h = [o.slope, 0, o.load_V, 1, 0];
    const p = this.#p;
    const repeats = Math.max(1, independent_s / Math.max(0.1, o.step_s));
    const noise = (noise_V ** 2 + (loadError * o.load_V) ** 2) * repeats;
    const ph = h.map((_, i) => h.reduce((sum, each, k) => sum + get(p, i * size + k) * each, 0));
    const s = ph.reduce((sum, each, i) => sum + each * (h[i] ?? 0), noise);
    for (let i = 0; i < size; i++) this.gain[i] = (ph[i] ?? 0) / s;
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < size; k++) add(p, i * size + k, (-(ph[i] ?? 0) * (ph[k] ?? 0)) / s);
    }
    this.doubt_V = Math.sqrt(Math.max(0, s - noise));
    this.spread_V = surpriseMax * Math.sqrt(s);
  }
}

function get(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}

function add(values: Float64Array, i: number, amount: number): void {
  values[i] = (values[i] ?? 0) + amount;
}
