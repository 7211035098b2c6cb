import { quantile } from "@voltfog/runtime";

/** What is known of a cell after its 100th cycle. */
export interface EarlyLife {
  /** Discharge capacity at cycles 10 and 100 over the same grid of voltages, in Ah. */
  readonly tenth_Ah: ArrayLike<number>;
  readonly hundredth_Ah: ArrayLike<number>;
  /** Discharge capacity of cycles 2 to 100, in Ah. */
  readonly capacity_Ah: ArrayLike<number>;
}

/** Names of what earlyLifeFeatures gives, in its order. */
export const earlyLifeNames = [
  "log10 variance of dQ",
  "log10 minimum of dQ",
  "log10 mean of dQ",
  "kurtosis of dQ",
  "dQ at the lowest voltage",
  "capacity at first",
  "rise to the greatest capacity",
  "slope of cycles 52-100",
  "change of slope",
] as const;

/**
 * Features of a cell's remaining life: statistics of dQ(V) = Q100(V) − Q10(V) (Severson et al., Nature
 * Energy 4:383, 2019) and of how its capacity moved. Slopes are medians over pairs of cycles (Theil and
 * Sen), so that one bad record does not carry them. Slopes in 1e-4 Ah per cycle. Cost: under 1 ms.
 */
export function earlyLifeFeatures(life: EarlyLife): readonly number[] {
  const delta = Array.from(life.hundredth_Ah, (value, at) => value - (life.tenth_Ah[at] ?? 0));
  const { mean, variance, kurtosis } = moments(delta);
  const capacity_Ah = Array.from(life.capacity_Ah);
  const first = quantile(capacity_Ah.slice(0, 3), 0.5);
  const top = [...capacity_Ah].sort((left, right) => right - left).slice(0, 3);
  const late = slope(capacity_Ah, 50, 97);
  return [
    Math.log10(variance),
    Math.log10(Math.abs(Math.min(...delta))),
    Math.log10(Math.abs(mean)),
    kurtosis,
    100 * (delta.at(-1) ?? 0),
    first,
    quantile(top, 0.5) - (capacity_Ah[0] ?? 0),
    late,
    late - slope(capacity_Ah, 2, 50),
  ];
}

function moments(values: readonly number[]): { mean: number; variance: number; kurtosis: number } {
  const average = (pick: (value: number) => number): number =>
    values.reduce((sum, value) => sum + pick(value), 0) / values.length;
  const mean = average((value) => value);
  const variance = average((value) => (value - mean) ** 2);
  return { mean, variance, kurtosis: average((value) => (value - mean) ** 4) / variance ** 2 };
}

/** Median slope over pairs of places at least 8 cycles apart, each the median of five cycles. */
function slope(capacity_Ah: readonly number[], from: number, to: number): number {
  const middle = (at: number): number => quantile(capacity_Ah.slice(at - 2, at + 3), 0.5);
  const slopes: number[] = [];
  for (let left = from; left < to; left += 3) {
    for (let right = left + 8; right < to; right += 3) {
      slopes.push((middle(right) - middle(left)) / (right - left));
    }
  }
  return 1e4 * quantile(slopes, 0.5);
}
