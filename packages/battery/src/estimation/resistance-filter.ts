import { assert } from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import type { SimulatedCell } from "../simulation/simulated-cell.ts";

const reference_K = 298.15;
const zero_K = 273.15;
/** A step of current that tells a resistance, in C, and between what readings. */
const stepRate = 0.3;
const stepMax_ms = 2000;
const kept = 0.995;
const interval95 = 1.96;
/** Noise of a difference of two cell readings, before any residual is known. */
const noise_V = 0.003;
const startSquare = 0.02;
const plausible_V = { low: 0.5, high: 5 };

/**
 * Resistance of every cell from the answers to steps of current: recursive least squares with forgetting
 * 0.995 per step (Plett, Battery Management Systems II, 2015), normalised to 25 °C by Arrhenius. What the
 * relaxing terms add between two readings is taken as the cell type's share of the same resistance. Values
 * are the ohmic part, in V per C, so that they compare over sizes of pack. Total: readings that are no numbers are passed over. Cost: nothing without
 * a step, else a few ns per cell; no allocation.
 */
export class ResistanceFilter {
  readonly name = "resistance-rls";
  readonly version = "1";
  readonly #capacity_Ah: number;
  readonly #cell: SimulatedCell;
  readonly #start: number;
  /** Per cell: Σ ΔI², Σ ΔI·ΔV, Σ ΔV², all with forgetting, and steps (up to 1e9). */
  readonly #sums: Float64Array;
  readonly #last_mV: Uint16Array;
  #last_A = Number.NaN;
  #last_ms = Number.NaN;
  #steps = 0;
  #fast = 0;
  #slow = 0;

  /** Starts from a new cell, which counts like one weak step. */
  constructor(o: {
    cells: number;
    capacity_Ah: number;
    cell: SimulatedCell;
    saved?: Float64Array | undefined;
  }) {
    assert(o.cells > 0 && o.capacity_Ah > 0, "a pack has cells");
    this.#capacity_Ah = o.capacity_Ah;
    this.#cell = o.cell;
    this.#start = o.cell.ohmicPerRate;
    this.#last_mV = new Uint16Array(o.cells);
    this.#sums = new Float64Array(o.cells * 3);
    for (let cell = 0; cell < o.cells; cell++) {
      this.#sums[3 * cell] = startSquare;
      this.#sums[3 * cell + 1] = startSquare * this.#start;
      this.#sums[3 * cell + 2] = startSquare * this.#start ** 2;
    }
    if (o.saved?.length === this.#sums.length) this.#sums.set(o.saved);
  }

  /** What a later filter may start from. */
  get saved(): Float64Array {
    return this.#sums;
  }

  /** Steps of current since the start that told something. */
  get steps(): number {
    return this.#steps;
  }

  /** The inputs of the fast and the slow relaxing terms, in C. */
  get relaxing(): { readonly fast: number; readonly slow: number } {
    return { fast: this.#fast, slow: this.#slow };
  }

  /** V per C at 25 °C. */
  perRate(cell: number): number {
    const sums = this.#sums;
    return Math.max(
      0.05 * this.#start,
      (sums[3 * cell + 1] as number) / (sums[3 * cell] as number),
    );
  }

  /** Half-width of about 95 %. */
  halfWidth(cell: number): number {
    const [xx = 1, xy = 0, yy = 0] = this.#sums.subarray(3 * cell, 3 * cell + 3);
    const residual = Math.max(0, yy - (xy * xy) / xx) * (1 - kept);
    return interval95 * Math.sqrt((residual + noise_V ** 2) / xx);
  }

  /** Mean over cells, over new. */
  get meanFactor(): number {
    const cells = this.#last_mV.length;
    let sum = 0;
    for (let cell = 0; cell < cells; cell++) sum += this.perRate(cell);
    return sum / cells / this.#start;
  }

  /** Takes every sample in order. */
  update(sample: PackSample, cell_degC: number): void {
    const { cellVoltage_mV, packCurrent_A, monotonic_ms } = sample;
    const isWhole = cellVoltage_mV.length === this.#last_mV.length;
    const step_ms = monotonic_ms - this.#last_ms;
    const rate = packCurrent_A / this.#capacity_Ah;
    if (step_ms > 0 && Number.isFinite(rate)) {
      const relaxed = this.#relax(rate, step_ms / 1000);
      const step = (packCurrent_A - this.#last_A) / this.#capacity_Ah;
      const isTelling = step_ms <= stepMax_ms && Math.abs(step) >= stepRate;
      if (isTelling && isWhole) this.#learn(cellVoltage_mV, { step: step + relaxed, cell_degC });
    }
    this.#last_A = isWhole ? packCurrent_A : Number.NaN;
    this.#last_ms = monotonic_ms;
    if (isWhole) this.#last_mV.set(cellVoltage_mV);
  }

  /** Moves the relaxing terms on; gives what they add, as a step of current that would do the same. */
  #relax(rate: number, step_s: number): number {
    const { fastPerRate, fastTime_s, slowPerRate, slowTime_s, ohmicPerRate } = this.#cell;
    const fast = (1 - Math.exp(-step_s / fastTime_s)) * (rate - this.#fast);
    const slow = (1 - Math.exp(-step_s / slowTime_s)) * (rate - this.#slow);
    this.#fast += fast;
    this.#slow += slow;
    return (fastPerRate * fast + slowPerRate * slow) / ohmicPerRate;
  }

  #learn(now_mV: Uint16Array, o: { step: number; cell_degC: number }): void {
    const kelvin = o.cell_degC + zero_K;
    const factor = Math.exp(this.#cell.arrhenius_K * (1 / kelvin - 1 / reference_K));
    if (!(factor > 0 && factor < 100)) return;
    this.#steps++;
    const input = o.step * factor;
    for (let cell = 0; cell < now_mV.length; cell++) {
      const after_V = (now_mV[cell] as number) / 1000;
      const before_V = (this.#last_mV[cell] as number) / 1000;
      const answer_V = after_V - before_V;
      // A dead or a swapped channel says nothing of the cell.
      if (!(Math.min(after_V, before_V) > plausible_V.low && after_V < plausible_V.high)) continue;
      if (Math.abs(answer_V) > 10 * this.#start * Math.abs(input)) continue;
      const at = 3 * cell;
      this.#sums[at] = kept * (this.#sums[at] as number) + input * input;
      this.#sums[at + 1] = kept * (this.#sums[at + 1] as number) + input * answer_V;
      this.#sums[at + 2] = kept * (this.#sums[at + 2] as number) + answer_V * answer_V;
    }
  }
}
