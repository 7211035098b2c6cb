import type { RegressionTree } from "../../learning/boosted-trees.ts";
import { binsMax } from "./feature-bins.ts";

export interface GrowRules {
  readonly depth: number;
  /** Least sum of second derivatives in a leaf. */
  readonly leafWeightMin: number;
  /** L2 penalty on leaf values. */
  readonly lambda: number;
  /** Least gain of a split. */
  readonly gainMin: number;
}

export interface GrowInput {
  /** Column by column. */
  readonly bins: Uint8Array;
  readonly rowCount: number;
  /** Features that this tree may use. */
  readonly features: readonly number[];
  readonly edges: readonly Float32Array[];
  readonly gradient: Float32Array;
  readonly hessian: Float32Array;
  /** Rows that this tree learns from. */
  readonly rows: Int32Array;
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
}

interface OpenNode {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly gradient: number;
  readonly hessian: number;
}

/**
 * Grows one regression tree level by level on binned features by second-order gain (Chen and Guestrin,
 * "XGBoost", 2016, eq. 7). Cost: rows × features per level.
 */
export function growTree(input: GrowInput, rules: GrowRules): RegressionTree {
  const nodes = new TreeNodes();
  const rows = input.rows.slice();
  const scratch = new Int32Array(rows.length);
  let [gradient, hessian] = [0, 0];
  for (const row of rows) {
    gradient += input.gradient[row] ?? 0;
    hessian += input.hessian[row] ?? 0;
  }
  let open: OpenNode[] = [{ id: nodes.add(), from: 0, to: rows.length, gradient, hessian }];
  const histogram = new Float64Array(binsMax * 2);
  for (let level = 0; level <= rules.depth; level++) {
    const next: OpenNode[] = [];
    for (const node of open) {
      const split =
        level === rules.depth ? undefined : bestSplit({ input, rules, rows, node, histogram });
      if (split === undefined) {
        nodes.close(node.id, -node.gradient / (node.hessian + rules.lambda));
        continue;
      }
      next.push(...applySplit({ input, rows, scratch, node, split, nodes }));
    }
    open = next;
  }
  return nodes.tree();
}

function bestSplit(o: {
  input: GrowInput;
  rules: GrowRules;
  rows: Int32Array;
  node: OpenNode;
  histogram: Float64Array;
}): Split | undefined {
  const { input, rules, rows, node, histogram } = o;
  if (node.hessian < 2 * rules.leafWeightMin) return undefined;
  let best: Split | undefined;
  for (const feature of input.features) {
    const binCount = (input.edges[feature]?.length ?? 0) + 1;
    if (binCount < 2) continue;
    fillHistogram({ input, rows, node, feature, histogram });
    const found = scanHistogram({ histogram, binCount, node, rules });
    if (found !== undefined && found.gain > (best?.gain ?? rules.gainMin)) {
      best = { feature, ...found };
    }
  }
  return best;
}

function fillHistogram(o: {
  input: GrowInput;
  rows: Int32Array;
  node: OpenNode;
  feature: number;
  histogram: Float64Array;
}): void {
  const { rows, node, histogram } = o;
  const { bins, rowCount, gradient, hessian } = o.input;
  histogram.fill(0);
  const column = o.feature * rowCount;
  for (let i = node.from; i < node.to; i++) {
    const row = rows[i] as number;
    const cell = (bins[column + row] as number) * 2;
    histogram[cell] = (histogram[cell] as number) + (gradient[row] as number);
    histogram[cell + 1] = (histogram[cell + 1] as number) + (hessian[row] as number);
  }
}

function scanHistogram(o: {
  histogram: Float64Array;
  binCount: number;
  node: OpenNode;
  rules: GrowRules;
}): { bin: number; gain: number } | undefined {
  const { histogram, node } = o;
  const { lambda, leafWeightMin } = o.rules;
  const whole = node.gradient ** 2 / (node.hessian + lambda);
  let [gradient, hessian] = [0, 0];
  let best: { bin: number; gain: number } | undefined;
  for (let bin = 0; bin < o.binCount - 1; bin++) {
    gradient += histogram[bin * 2] ?? 0;
    hessian += histogram[bin * 2 + 1] ?? 0;
    const rest = node.hessian - hessian;
    if (hessian < leafWeightMin) continue;
    if (rest < leafWeightMin) break;
    const gain =
      gradient ** 2 / (hessian + lambda) +
      (node.gradient - gradient) ** 2 / (rest + lambda) -
      whole;
    if (gain > (best?.gain ?? 0)) best = { bin, gain };
  }
  return best;
}

function applySplit(o: {
  input: GrowInput;
  rows: Int32Array;
  scratch: Int32Array;
  node: OpenNode;
  split: Split;
  nodes: TreeNodes;
}): [OpenNode, OpenNode] {
  const { rows, scratch, node, split } = o;
  const { bins, rowCount, gradient, hessian } = o.input;
  const column = split.feature * rowCount;
  let [kept, moved, leftGradient, leftHessian] = [node.from, 0, 0, 0];
  for (let i = node.from; i < node.to; i++) {
    const row = rows[i] as number;
    if ((bins[column + row] as number) <= split.bin) {
      rows[kept++] = row;
      leftGradient += gradient[row] as number;
      leftHessian += hessian[row] as number;
    } else scratch[moved++] = row;
  }
  rows.set(scratch.subarray(0, moved), kept);
  const threshold = o.input.edges[split.feature]?.[split.bin] ?? 0;
  const [left, right] = o.nodes.split(node.id, split.feature, threshold);
  return [
    { id: left, from: node.from, to: kept, gradient: leftGradient, hessian: leftHessian },
    {
      id: right,
      from: kept,
      to: node.to,
      gradient: node.gradient - leftGradient,
      hessian: node.hessian - leftHessian,
    },
  ];
}

/** The tree while it grows. */
class TreeNodes {
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #value: number[] = [];

  add(): number {
    this.#feature.push(-1);
    this.#threshold.push(0);
    this.#left.push(0);
    this.#right.push(0);
    return this.#value.push(0) - 1;
  }

  split(id: number, feature: number, threshold: number): [number, number] {
    this.#feature[id] = feature;
    this.#threshold[id] = threshold;
    const children: [number, number] = [this.add(), this.add()];
    [this.#left[id], this.#right[id]] = children;
    return children;
  }

  close(id: number, value: number): void {
    this.#value[id] = value;
  }

  tree(): RegressionTree {
    return {
      feature: Int32Array.from(this.#feature),
      threshold: Float32Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      value: Float32Array.from(this.#value),
    };
  }
}

/** The value of the leaf that a row of features falls into. */
export function leafValue(tree: RegressionTree, values: Float32Array, at: number): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node] ?? -1;
    if (feature < 0) return tree.value[node] ?? 0;
    const goesLeft = (values[at + feature] ?? 0) <= (tree.threshold[node] ?? 0);
    node = (goesLeft ? tree.left[node] : tree.right[node]) ?? 0;
  }
}
