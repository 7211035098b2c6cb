/** Rows of features, row by row. */
export interface FeatureTable {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** rowCount × names.length. */
  readonly values: Float32Array;
}

/** At most this many bins per feature, so that a bin fits a byte. */
export const binsMax = 64;

/** Thresholds of every feature: bin b holds values in (edges[b−1], edges[b]]. */
export type BinEdges = readonly Float32Array[];

/** Edges between quantiles of a sample of the rows; a feature with few values gets one bin for each. */
export function chooseEdges(table: FeatureTable, sampleMax = 20_000): BinEdges {
  const width = table.names.length;
  const stride = Math.max(1, Math.floor(table.rowCount / sampleMax));
  return table.names.map((_, feature) => {
    const sample: number[] = [];
    for (let row = 0; row < table.rowCount; row += stride) {
      sample.push(table.values[row * width + feature] ?? 0);
    }
    return edgesOf(Float32Array.from(sample).sort());
  });
}

/** Bins column by column: bins[feature × rowCount + row]. */
export function binTable(table: FeatureTable, edges: BinEdges): Uint8Array {
  const { rowCount } = table;
  const width = table.names.length;
  const bins = new Uint8Array(rowCount * width);
  for (const [feature, own] of edges.entries()) {
    for (let row = 0; row < rowCount; row++) {
      bins[feature * rowCount + row] = binOf(own, table.values[row * width + feature] ?? 0);
    }
  }
  return bins;
}

function edgesOf(sorted: Float32Array): Float32Array {
  const values = [...new Set(sorted)];
  if (values.length <= binsMax) {
    return Float32Array.from(values.slice(1), (value, i) => middle(values[i] ?? 0, value));
  }
  const edges = new Set<number>();
  for (let bin = 1; bin < binsMax; bin++) {
    const at = Math.floor((bin * sorted.length) / binsMax);
    const [below, above] = [sorted[at - 1] ?? 0, sorted[at] ?? 0];
    if (above > below) edges.add(middle(below, above));
    else if (above > (sorted[0] ?? 0)) edges.add(previousEdge(sorted, at));
  }
  return Float32Array.from(edges).sort();
}

/** The edge under a run of equal values that a quantile fell into. */
function previousEdge(sorted: Float32Array, at: number): number {
  let from = at;
  while (from > 0 && sorted[from - 1] === sorted[at]) from--;
  return middle(sorted[from - 1] ?? 0, sorted[from] ?? 0);
}

/** Between two floats, never equal to the upper one, as 32-bit float. */
function middle(below: number, above: number): number {
  const value = Math.fround((below + above) / 2);
  return value < above ? value : below;
}

function binOf(edges: Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const at = (low + high) >> 1;
    if (value <= (edges[at] ?? 0)) high = at;
    else low = at + 1;
  }
  return low;
}
