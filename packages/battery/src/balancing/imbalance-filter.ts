import {
  type Movable,
  packNumbers,
  type SavedState,
  type StateReader,
  savedNumber,
} from "@voltfog/runtime";
import { chargeAtRest } from "../simulation/simulated-cell.ts";

/** How far readings of one sensor stay off for life, σ of ±2 mV. */
const offset_V = 0.00115;
/** σ of capacity between cells of a pack. */
const capacityShare = 0.01;
/** What a cell of the table differs from the real one, in charge. */
const tableError = 0.0007;
/** Self-discharge moves cells apart by about this much between two measurements. */
const drift = 0.0001;
/** Flatter than this, V per unit of charge, says nothing. */
const flattest = 0.3;

/**
 * Tells apart why cells rest at different voltages: charge at full d, capacity κ and sensor offset β.
 * At mean charge z, cell i lies Δz = d − κ·(1 − z) off in charge and β off in voltage. A Kalman filter
 * per cell; all cells see the same z and slope, so they share one covariance and one gain.
 */
export class ImbalanceFilter implements Movable {
  readonly #ocv_V: Float64Array;
  readonly #noise_V: number;
  readonly #states: Float64Array;
  readonly excess: Float64Array;
  /** Symmetric, of (d, κ, β). */
  readonly #covariance: number[][] = [
    [0.05 ** 2, 0, 0],
    [0, capacityShare ** 2, 0],
    [0, 0, offset_V ** 2],
  ];
  #observations = 0;

  constructor(options: { cells: number; ocv_V: Float64Array; noise_mV: number }) {
    this.#ocv_V = options.ocv_V;
    this.#noise_V = options.noise_mV / 1000;
    this.#states = new Float64Array(3 * options.cells);
    this.excess = new Float64Array(options.cells);
  }

  get isKnown(): boolean {
    return this.#observations > 0;
  }

  /** σ of every cell's excess. */
  get sigma(): number {
    return Math.sqrt(this.#covariance[0]?.[0] ?? 0);
  }

  /** A share of capacity that went into (positive) or out of a cell beside the pack's current. */
  book(cell: number, share: number): void {
    this.#states[3 * cell] = (this.#states[3 * cell] ?? 0) + share;
    this.excess[cell] = (this.excess[cell] ?? 0) + share;
  }

  /** Mean voltages of all cells at rest. */
  observe(rest_V: Float64Array, samples: number): void {
    const charges = rest_V.map((cell_V) => chargeAtRest(this.#ocv_V, cell_V));
    const z = mean(charges);
    const slope = slopeAt(this.#ocv_V, z);
    if (!(slope > flattest)) return;
    const row = [1, -(1 - z), 1 / slope];
    const noise = (this.#noise_V / slope) ** 2 / samples + tableError ** 2;
    const gain = this.#gain(row, noise);
    for (let i = 0; i < charges.length; i++) {
      const at = 3 * i;
      const expected = row.reduce((sum, h, k) => sum + h * (this.#states[at + k] ?? 0), 0);
      const surprise = (charges[i] ?? 0) - z - expected;
      gain.forEach((g, k) => {
        this.#states[at + k] = (this.#states[at + k] ?? 0) + g * surprise;
      });
    }
    for (let i = 0; i < charges.length; i++) this.excess[i] = this.#states[3 * i] ?? 0;
    this.#observations++;
  }

  save(): SavedState {
    return {
      states: packNumbers(this.#states),
      excess: packNumbers(this.excess),
      covariance: packNumbers(this.#covariance.flat()),
      observations: this.#observations,
    };
  }

  restore(from: StateReader): void {
    const { length } = this.#states;
    this.#states.set(from.numbers("states", { min: -10, max: 10, length }));
    this.excess.set(from.numbers("excess", { min: -10, max: 10, length: this.excess.length }));
    const covariance = from.numbers("covariance", { min: -1, max: 1, length: 9 });
    for (const [i, line] of this.#covariance.entries()) {
      line.splice(0, 3, ...covariance.subarray(3 * i, 3 * i + 3));
      if (!((line[i] ?? -1) >= 0)) from.fail("a variance is negative");
    }
    this.#observations = from.whole("observations", { min: 0, max: savedNumber.max });
    from.end();
  }

  #gain(row: readonly number[], noise: number): number[] {
    const p = this.#covariance;
    const first = p[0];
    if (first !== undefined) first[0] = (first[0] ?? 0) + drift ** 2;
    const ph = p.map((line) => line.reduce((sum, value, k) => sum + value * (row[k] ?? 0), 0));
    const s = ph.reduce((sum, value, k) => sum + value * (row[k] ?? 0), noise);
    p.forEach((line, i) => {
      for (let k = 0; k < 3; k++) line[k] = (line[k] ?? 0) - ((ph[i] ?? 0) * (ph[k] ?? 0)) / s;
    });
    return ph.map((value) => value / s);
  }
}

function slopeAt(ocv_V: Float64Array, z: number): number {
  const last = ocv_V.length - 1;
  const width = Math.max(1, Math.round(0.02 * last));
  const middle = Math.min(last - width, Math.max(width, Math.round(z * last)));
  return (((ocv_V[middle + width] ?? 0) - (ocv_V[middle - width] ?? 0)) * last) / (2 * width);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
