/** What one replica measured to all, µs, in one epoch. */
export interface LatencyRow {
  readonly epoch: number;
  readonly row_us: readonly number[];
}

/** For one that did not answer. */
export const noAnswer_us = 0xffffffff;

/**
 * The k replicas with the lowest measured latency, fastest first: of what the others report of each, the
 * lower median; equals by number. Replicas that have heard other reports reckon another committee: the
 * published design says who should verify, and not how the authorities agree on it.
 * Source: deliverable D5.3 (2024) §5.1.3.
 */
export function committeeOf(options: {
  /** By replica; undefined where nothing came. */
  readonly rows: readonly (LatencyRow | undefined)[];
  readonly epoch: number;
  readonly size: number;
}): readonly number[] {
  const { rows, epoch, size } = options;
  const latencies_us = rows.map((_, replica) => {
    const reported_us = rows
      .filter((row, reporter) => reporter !== replica && row?.epoch === epoch)
      .map((row) => row?.row_us[replica] ?? noAnswer_us)
      .sort((a, b) => a - b);
    return reported_us[Math.floor((reported_us.length - 1) / 2)] ?? noAnswer_us;
  });
  return rows
    .map((_, replica) => replica)
    .sort((a, b) => (latencies_us[a] ?? 0) - (latencies_us[b] ?? 0) || a - b)
    .slice(0, size);
}
