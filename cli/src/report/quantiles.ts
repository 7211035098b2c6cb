export interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Median and 99th percentile by nearest rank; null where nothing was measured. */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p99: at(0.99) };
}
