import type { FeatureTable } from "./feature-table.ts";

/** One regression tree in arrays over its nodes; node 0 is the root, children follow their parent. */
export interface RegressionTree {
  /** Column that is asked, or -1 at a leaf. */
  readonly feature: Int32Array;
  /** Left when the value is not greater; float32, because the served model compares in float32. */
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a leaf adds, already shrunk. */
  readonly value: Float32Array;
}

/** Sum of a base value and of one leaf of each tree. */
export interface TreeEnsemble {
  readonly base: number;
  readonly trees: readonly RegressionTree[];
}

/** Predictions of all rows, in float64 sums. Missing values (NaN) go right. Cost: rows × trees × depth. */
export function predictTrees(ensemble: TreeEnsemble, table: FeatureTable): Float64Array {
  const out = new Float64Array(table.rows).fill(ensemble.base);
  for (const tree of ensemble.trees) addTree(tree, table, out);
  return out;
}

/** Adds one tree's leaves to the running sums. */
export function addTree(tree: RegressionTree, table: FeatureTable, sums: Float64Array): void {
  const width = table.names.length;
  const { feature, threshold, left, right, value } = tree;
  for (let row = 0; row < table.rows; row++) {
    let node = 0;
    for (let asked = feature[0] ?? -1; asked >= 0; asked = feature[node] ?? -1) {
      const x = table.values[row * width + asked] as number;
      node = (x <= (threshold[node] as number) ? left[node] : right[node]) as number;
    }
    sums[row] = (sums[row] as number) + (value[node] as number);
  }
}
