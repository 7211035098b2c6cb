/** Rows of numbers for a learner: row-major, float32 because the exported model computes in float32. */
export interface FeatureTable {
  /** Names of the columns, in order. */
  readonly names: readonly string[];
  readonly rows: number;
  /** rows × names.length, row-major; NaN is a missing value. */
  readonly values: Float32Array;
}

/** The named rows of a table, in the order of the indices. */
export function tableRows(table: FeatureTable, indices: ArrayLike<number>): FeatureTable {
  const width = table.names.length;
  const values = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] ?? 0) * width;
    values.set(table.values.subarray(from, from + width), row * width);
  }
  return { names: table.names, rows: indices.length, values };
}
