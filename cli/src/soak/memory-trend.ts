import { quantile } from "@voltfog/runtime";

/** Resident memory of one process at one moment of the run. */
export interface MemoryLook {
  readonly at_ms: number;
  readonly id: string;
  /** Another one after a restart: memory begins anew. */
  readonly pid: number;
  readonly resident_MB: number;
}

/** How the memory of one process that lived from the middle of the run to its end developed. */
export interface MemoryTrend {
  readonly id: string;
  /** Medians of the middle and of the last third of the time. */
  readonly middle_MB: number;
  readonly last_MB: number;
  /** Of the last third over the middle third, less one. */
  readonly growth: number;
  /** Least squares over both thirds. */
  readonly slopePerHour_MB: number;
}

/**
 * The trends of those processes that were one and the same from the beginning of the middle third to the
 * end. The first third counts as warm-up. A process with fewer than two looks in a third has no trend.
 */
export function memoryTrends(o: {
  looks: readonly MemoryLook[];
  for_ms: number;
}): readonly MemoryTrend[] {
  const ids = [...new Set(o.looks.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const late = o.looks.filter((look) => look.id === id && look.at_ms >= o.for_ms / 3);
    if (new Set(late.map(({ pid }) => pid)).size !== 1) return [];
    const border_ms = (2 * o.for_ms) / 3;
    const middle = late.filter(({ at_ms }) => at_ms < border_ms).map(sizeOf);
    const last = late.filter(({ at_ms }) => at_ms >= border_ms).map(sizeOf);
    if (middle.length < 2 || last.length < 2) return [];
    const middle_MB = quantile(middle, 0.5);
    const last_MB = quantile(last, 0.5);
    const growth = last_MB / middle_MB - 1;
    return [{ id, middle_MB, last_MB, growth, slopePerHour_MB: slope(late) }];
  });
}

function sizeOf({ resident_MB }: MemoryLook): number {
  return resident_MB;
}

function slope(looks: readonly MemoryLook[]): number {
  const hours = looks.map(({ at_ms }) => at_ms / 3_600_000);
  const sizes = looks.map(sizeOf);
  const hourMean = mean(hours);
  const sizeMean = mean(sizes);
  let products = 0;
  let squares = 0;
  for (const [i, hour] of hours.entries()) {
    products += (hour - hourMean) * ((sizes[i] ?? 0) - sizeMean);
    squares += (hour - hourMean) ** 2;
  }
  return products / squares;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
