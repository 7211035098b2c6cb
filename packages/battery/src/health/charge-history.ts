/**
 * What one charge tells: statistics of the end of the constant-current phase (v_*, cc_*) and of the
 * constant-voltage phase (i_*, cv_*) in a fixed window, as Wang et al. (Nat. Commun. 15:4332, 2024)
 * publish them. The order is part of every trained model.
 */
export const chargeStatistics = [
  "v_mean",
  "v_std",
  "v_kurt",
  "v_skew",
  "cc_q_ah",
  "cc_time_s",
  "v_slope",
  "v_entropy",
  "i_mean",
  "i_std",
  "i_kurt",
  "i_skew",
  "cv_q_ah",
  "cv_time_s",
  "i_slope",
  "i_entropy",
] as const;

/** Charges that a difference looks back. */
const lags: readonly number[] = [30, 150];
/** Charges whose median is the cell's own beginning. */
const referenceCharges = 10;
/** Charges in the running median, which drops single bad charges. */
const medianCharges = 5;
const fastShare = 0.1;
const slowShare = 0.02;

/** Names of what ChargeHistory gives, in its order. */
export const chargeHistoryNames: readonly string[] = [
  "now",
  "fast",
  "slow",
  "begin",
  "fast-begin",
  "slow-begin",
  ...lags.map((lag) => `fast-fast[${lag}]`),
].flatMap((block) => chargeStatistics.map((name) => `${block}:${name}`));

/**
 * The charges of one cell, oldest first, as features of its state of health: each statistic now, its
 * fast and slow running mean, the cell's beginning, and how far it moved from there and lately. Only
 * this and earlier charges count; no capacity and no charge count. A missing statistic is NaN and
 * leaves the means where they were. Memory: the running means of the last 150 charges.
 */
export class ChargeHistory {
  readonly #recent: (readonly number[])[] = [];
  readonly #first: (readonly number[])[] = [];
  /** Fast means, newest last, one more than the longest lag. */
  readonly #past: (readonly number[])[] = [];
  #fast: readonly number[] = [];
  #slow: readonly number[] = [];
  #begin: readonly number[] = [];
  #charges = 0;

  /** Takes the statistics of the next charge, in the order of chargeStatistics. Cost: about 2 µs. */
  add(charge: readonly number[]): readonly number[] {
    this.#charges++;
    keepLast(this.#recent, charge, medianCharges);
    const middle = charge.map((_, at) => median(this.#recent, at));
    this.#fast = this.#moved(this.#fast, middle, fastShare);
    this.#slow = this.#moved(this.#slow, middle, slowShare);
    if (this.#first.length < referenceCharges) {
      this.#first.push(charge);
      this.#begin = charge.map((_, at) => median(this.#first, at));
    }
    keepLast(this.#past, this.#fast, Math.max(...lags) + 1);
    const earlier = lags.map((lag) => this.#past[Math.max(0, this.#past.length - 1 - lag)] ?? []);
    return [
      ...charge,
      ...this.#fast,
      ...this.#slow,
      ...this.#begin,
      ...minus(this.#fast, this.#begin),
      ...minus(this.#slow, this.#begin),
      ...earlier.flatMap((past) => minus(this.#fast, past)),
    ];
  }

  /** A running mean of the share, but of plain averages while there are fewer charges than it spans. */
  #moved(mean: readonly number[], now: readonly number[], share: number): readonly number[] {
    const part = Math.max(share, 1 / this.#charges);
    return now.map((value, at) => {
      const before = mean[at];
      if (before === undefined || Number.isNaN(before)) return value;
      return Number.isNaN(value) ? before : before + part * (value - before);
    });
  }
}

function minus(left: readonly number[], right: readonly number[]): readonly number[] {
  return left.map((value, at) => value - (right[at] ?? Number.NaN));
}

function keepLast<T>(list: T[], item: T, count: number): void {
  list.push(item);
  if (list.length > count) list.shift();
}

/** The upper median of one column, missing values left out; NaN where all are missing. */
function median(rows: readonly (readonly number[])[], column: number): number {
  const values = rows
    .map((row) => row[column] ?? Number.NaN)
    .filter((value) => !Number.isNaN(value));
  values.sort((left, right) => left - right);
  return values[values.length >> 1] ?? Number.NaN;
}
