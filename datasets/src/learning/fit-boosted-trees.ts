import { type Random, SeededRandom } from "@voltfog/runtime";
import { addTree, type RegressionTree, type TreeEnsemble } from "./boosted-trees.ts";
import { binTable } from "./feature-bins.ts";
import type { FeatureTable } from "./feature-table.ts";
import { type GrowthOptions, growTree } from "./tree-growth.ts";

export interface BoostingOptions extends GrowthOptions {
  readonly trees: number;
  readonly binsMax: number;
  /** Share of the rows that each tree sees, drawn without repeats. */
  readonly rowShare: number;
  /** Share of the columns that each tree may ask. */
  readonly columnShare: number;
  readonly seed: number;
}

/**
 * Gradient boosting of the weighted squared error (Friedman 2001, stochastic form of 2002), on
 * histograms. The same input gives the same bits. Cost: trees × depth × rows × columns.
 */
export function fitBoostedTrees(o: {
  table: FeatureTable;
  target: Float64Array;
  /** One per row; equal weights where absent. */
  weight?: Float64Array | undefined;
  options: BoostingOptions;
}): TreeEnsemble {
  const { table, target, options } = o;
  const weight = o.weight ?? new Float64Array(table.rows).fill(1);
  const random = new SeededRandom(options.seed);
  const bins = binTable(table, options.binsMax);
  const base = weightedMean(target, weight);
  const sums = new Float64Array(table.rows).fill(base);
  const residual = new Float64Array(table.rows);
  const trees: RegressionTree[] = [];
  for (let round = 0; round < options.trees; round++) {
    for (let row = 0; row < table.rows; row++) {
      residual[row] = (target[row] as number) - (sums[row] as number);
    }
    const rows = drawn(random, table.rows, options.rowShare);
    const columns = [...drawn(random, table.names.length, options.columnShare)];
    const tree = growTree({ bins, rows, columns, residual, weight, options });
    addTree(tree, table, sums);
    trees.push(tree);
  }
  return { base, trees };
}

function weightedMean(target: Float64Array, weight: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    sum += (weight[row] as number) * (target[row] as number);
    total += weight[row] as number;
  }
  return Math.fround(sum / total);
}

/** A share of 0..count-1 without repeats, ascending (selection sampling); at least one. */
function drawn(random: Random, count: number, share: number): Int32Array {
  const wanted = Math.max(1, Math.round(count * share));
  const picked = new Int32Array(wanted);
  let taken = 0;
  for (let at = 0; at < count && taken < wanted; at++) {
    if (random.uniform() * (count - at) < wanted - taken) picked[taken++] = at;
  }
  return picked;
}
