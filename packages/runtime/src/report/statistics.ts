import { assert } from "../coded-error.ts";

/** What is said of one figure that was measured several times. */
export interface Summary {
  /** The median, so that one disturbed repeat does not move it. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

export function summarise(values: readonly number[]): Summary {
  return {
    value: quantile(values, 0.5),
    min: Math.min(...values),
    max: Math.max(...values),
    n: values.length,
  };
}

/**
 * The p-quantile, 0 to 1, linear between the two nearest values (type 7 of Hyndman and Fan, 1996).
 * At least one value.
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  assert(values.length > 0, "a quantile is one of something");
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
