import type { SeededRandom } from "@voltfog/runtime";
import type { FeatureTable } from "./feature-bins.ts";

export interface Scale {
  readonly mean: Float64Array;
  /** Reciprocal of the standard deviation; 0 for a constant feature. */
  readonly factor: Float64Array;
}

/** Mean and deviation of every feature over the rows. */
export function standardScale(table: FeatureTable): Scale {
  const width = table.names.length;
  const mean = new Float64Array(width);
  const factor = new Float64Array(width);
  for (let feature = 0; feature < width; feature++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < table.rowCount; row++) {
      const value = table.values[row * width + feature] ?? 0;
      sum += value;
      squares += value * value;
    }
    const average = sum / table.rowCount;
    const variance = squares / table.rowCount - average ** 2;
    mean[feature] = average;
    factor[feature] = variance > 1e-9 ? 1 / Math.sqrt(variance) : 0;
  }
  return { mean, factor };
}

/** One row, standardised. */
export function loadRow(
  { table, scale, row }: { table: FeatureTable; scale: Scale; row: number },
  into: Float64Array,
): void {
  const width = table.names.length;
  for (let feature = 0; feature < width; feature++) {
    const value = (table.values[row * width + feature] ?? 0) - (scale.mean[feature] ?? 0);
    into[feature] = value * (scale.factor[feature] ?? 0);
  }
}

/** Puts the rows in an order drawn by chance, in place (Fisher and Yates). */
export function shuffled(order: Int32Array, random: SeededRandom): Int32Array {
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random.uniform() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
