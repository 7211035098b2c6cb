/**
 * Predicts each cell from what all cells did. A cell is the mean of the cells, plus an offset of its own
 * (charge, sensor), plus its own share (resistance) of how far the mean has moved since the first sample:
 *
 *   cell ≈ mean + offset + slope · (mean − first mean)
 *
 * Offset and slope are learned while coding, by the same steps on both sides, with a Kalman filter. What
 * is observed is the same for all cells, so its 2×2 covariance and its two gains are computed once per
 * sample, and a cell costs four multiplications. All quantities are whole numbers below 2^52 and every
 * division rounds down, so every machine predicts the same. Units and bounds: docs/specs/frame.md.
 */
export class CellPredictor {
  /** Per cell, in 1/256 mV. */
  readonly offset: Int32Array;
  /** Per cell, in 1/65536. */
  readonly slope: Int32Array;
  /** How far the mean has moved, mV, limited. */
  moved = 0;
  /** Of the offset, in 1/2^14. */
  offsetGain = 0;
  /** Of the slope, in 1/2^20 per mV. */
  slopeGain = 0;
  /** Learning heeds no larger error than this, in 1/256 mV; keeps its products within 32 bits. */
  heedMax: number = 2 ** 17 - 1;
  #first_mV = -1;
  /** Covariance: offset in 2^-20 mV², both in 2^-30 mV, slope in 2^-40. */
  #offsets = noise;
  #mixed = 0;
  #slopes = slopesStart;

  constructor(cells: number) {
    this.offset = new Int32Array(cells);
    this.slope = new Int32Array(cells);
  }

  /** Prepares the next sample, whose cells have this mean. */
  next(mean_mV: number): void {
    if (this.#first_mV < 0) {
      this.#first_mV = mean_mV;
      // The first sample says all that is known of the offsets.
      this.offsetGain = 2 ** 14;
      return;
    }
    const u = limit(mean_mV - this.#first_mV, movedMax);
    const h = this.#offsets + Math.floor((u * this.#mixed) / 2 ** 10);
    const g = this.#mixed + Math.floor((u * this.#slopes) / 2 ** 10);
    const s = Math.max(noise, h + Math.floor((u * g) / 2 ** 10) + noise);
    const offsetGain = limit(Math.floor((h * 2 ** 16) / s), 2 ** 16);
    const slopeGain = limit(Math.floor((g * 2 ** 12) / s), 2 ** 17);
    const offsets = this.#offsets - Math.floor((offsetGain * h) / 2 ** 16) + offsetWander;
    const mixed = this.#mixed - Math.floor((offsetGain * g) / 2 ** 16);
    const slopes = this.#slopes - Math.floor((slopeGain * g) / 2 ** 12) + slopeWander;
    this.#offsets = Math.min(offsetsMax, Math.max(1, offsets));
    this.#mixed = limit(mixed, mixedMax);
    this.#slopes = Math.min(slopesStart, Math.max(0, slopes));
    this.heedMax = 2 ** 15 - 1;
    this.moved = u;
    this.offsetGain = Math.floor(offsetGain / 4);
    this.slopeGain = Math.floor(slopeGain / 4);
  }
}

/** A tenth: how much the resistances of the cells of a pack differ (σ), squared, in 2^-40. */
const slopesStart: number = Math.round(0.01 * 2 ** 40);
/** 1.5 mV of noise and the rounding to 1 mV, squared, in 2^-20 mV². */
const noise: number = Math.round(2.4 * 2 ** 20);
/** What offset and slope may wander per sample: 0.05 mV² and 1e-6. */
const offsetWander: number = Math.round(0.05 * 2 ** 20);
const slopeWander: number = Math.round(1e-6 * 2 ** 40);
const offsetsMax: number = 2 ** 24;
const mixedMax: number = 2 ** 28;
const movedMax = 2047;

function limit(value: number, bound: number): number {
  return Math.min(bound, Math.max(-bound, value));
}

/** A slope beyond ±2 is no resistance; keeps its product with `moved` within 32 bits. */
export const slopeMax = 131_071;
