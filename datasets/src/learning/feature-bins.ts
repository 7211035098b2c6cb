import type { FeatureTable } from "./feature-table.ts";

/** A table cut into at most 256 bins per column, column-major. */
export interface BinnedTable {
  readonly rows: number;
  readonly columns: readonly Uint8Array[];
  /** Per column the upper edges of its bins but the last, ascending, float32. */
  readonly edges: readonly Float32Array[];
}

/** Cuts each column at equal shares of its values. A missing value falls into the last bin. */
export function binTable(table: FeatureTable, binsMax: number): BinnedTable {
  const width = table.names.length;
  const edges: Float32Array[] = [];
  const columns: Uint8Array[] = [];
  for (let column = 0; column < width; column++) {
    const values = new Float32Array(table.rows);
    for (let row = 0; row < table.rows; row++) {
      values[row] = table.values[row * width + column] as number;
    }
    const cut = edgesOf(values, binsMax);
    edges.push(cut);
    columns.push(Uint8Array.from(values, (value) => binOf(cut, value)));
  }
  return { rows: table.rows, columns, edges };
}

function edgesOf(values: Float32Array, binsMax: number): Float32Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const edges: number[] = [];
  for (let bin = 1; bin < binsMax; bin++) {
    const at = Math.floor((bin * sorted.length) / binsMax);
    const below = sorted[at - 1];
    const above = sorted[at];
    if (below === undefined || above === undefined || below === above) continue;
    const middle = Math.fround((below + above) / 2);
    const edge = middle < above ? middle : below;
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return Float32Array.from(edges);
}

/** The first bin whose upper edge is not under the value; past all edges for NaN. */
function binOf(edges: Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
