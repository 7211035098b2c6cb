import type { RegressionTree } from "./boosted-trees.ts";
import type { BinnedTable } from "./feature-bins.ts";

export interface GrowthOptions {
  readonly depthMax: number;
  /** Least weight of a leaf's rows, in rows of weight one. */
  readonly leafWeightMin: number;
  /** Added to a leaf's weight: pulls small leaves to zero. */
  readonly leafPenalty: number;
  readonly learningRate: number;
}

interface Node {
  readonly rows: Int32Array;
  readonly depth: number;
  readonly index: number;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
}

/**
 * One tree that lessens the weighted squared residual, grown breadth first on histograms. Only the
 * given columns are asked. Ties go to the first column and the lowest bin, so growth repeats bit for bit.
 */
export function growTree(o: {
  bins: BinnedTable;
  rows: Int32Array;
  columns: readonly number[];
  residual: Float64Array;
  weight: Float64Array;
  options: GrowthOptions;
}): RegressionTree {
  const { options } = o;
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const value: number[] = [];
  const open: Node[] = [{ rows: o.rows, depth: 0, index: 0 }];
  const add = (): number => {
    feature.push(-1);
    threshold.push(0);
    left.push(0);
    right.push(0);
    value.push(0);
    return feature.length - 1;
  };
  add();
  for (let next = 0; next < open.length; next++) {
    const node = open[next] as Node;
    const split = node.depth < options.depthMax ? bestSplit(o, node.rows) : undefined;
    if (split === undefined) {
      value[node.index] = options.learningRate * leafValue(o, node.rows);
      continue;
    }
    const column = o.bins.columns[split.feature] as Uint8Array;
    feature[node.index] = split.feature;
    threshold[node.index] = o.bins.edges[split.feature]?.[split.bin] ?? 0;
    const lower = node.rows.filter((row) => (column[row] as number) <= split.bin);
    const upper = node.rows.filter((row) => (column[row] as number) > split.bin);
    const children = [lower, upper].map((rows) => ({ rows, depth: node.depth + 1, index: add() }));
    left[node.index] = children[0]?.index ?? 0;
    right[node.index] = children[1]?.index ?? 0;
    open.push(...children);
  }
  return {
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    value: Float32Array.from(value),
  };
}

type Data = Pick<
  Parameters<typeof growTree>[0],
  "bins" | "columns" | "residual" | "weight" | "options"
>;

function leafValue({ residual, weight, options }: Data, rows: Int32Array): number {
  let sum = 0;
  let total = 0;
  for (const row of rows) {
    sum += (weight[row] as number) * (residual[row] as number);
    total += weight[row] as number;
  }
  return sum / (total + options.leafPenalty);
}

function bestSplit(data: Data, rows: Int32Array): Split | undefined {
  let best: Split = { gain: 1e-12, feature: -1, bin: 0 };
  const sums = new Float64Array(256);
  const weights = new Float64Array(256);
  for (const feature of data.columns) {
    const bins = (data.bins.edges[feature]?.length ?? 0) + 1;
    if (bins < 2) continue;
    sums.fill(0, 0, bins);
    weights.fill(0, 0, bins);
    const column = data.bins.columns[feature] as Uint8Array;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      const bin = column[row] as number;
      const weight = data.weight[row] as number;
      sums[bin] = (sums[bin] as number) + weight * (data.residual[row] as number);
      weights[bin] = (weights[bin] as number) + weight;
    }
    const split = bestBin({ sums, weights, bins, feature, options: data.options });
    if (split.gain > best.gain) best = split;
  }
  return best.feature < 0 ? undefined : best;
}

function bestBin(o: {
  sums: Float64Array;
  weights: Float64Array;
  bins: number;
  feature: number;
  options: GrowthOptions;
}): Split {
  const { sums, weights, bins, options } = o;
  let sum = 0;
  let total = 0;
  for (let bin = 0; bin < bins; bin++) {
    sum += sums[bin] as number;
    total += weights[bin] as number;
  }
  const whole = (sum * sum) / (total + options.leafPenalty);
  let best: Split = { gain: 0, feature: o.feature, bin: 0 };
  let lowerSum = 0;
  let lower = 0;
  for (let bin = 0; bin < bins - 1; bin++) {
    lowerSum += sums[bin] as number;
    lower += weights[bin] as number;
    const upper = total - lower;
    if (lower < options.leafWeightMin || upper < options.leafWeightMin) continue;
    const upperSum = sum - lowerSum;
    const gain =
      (lowerSum * lowerSum) / (lower + options.leafPenalty) +
      (upperSum * upperSum) / (upper + options.leafPenalty) -
      whole;
    if (gain > best.gain) best = { gain, feature: o.feature, bin };
  }
  return best;
}
