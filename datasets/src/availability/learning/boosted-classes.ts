import { SeededRandom } from "@voltfog/runtime";
import type { RegressionTree } from "../../learning/boosted-trees.ts";
import { binTable, chooseEdges, type FeatureTable } from "./feature-bins.ts";
import { type GrowRules, growTree, leafValue } from "./grow-tree.ts";

export interface BoostingRules extends GrowRules {
  readonly rounds: number;
  readonly learningRate: number;
  /** Shares of rows and of features that each tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
  readonly seed: number;
}

/** Trees per round, one per class, that add to the starting scores. */
export interface BoostedClasses {
  readonly classCount: number;
  readonly rounds: readonly (readonly RegressionTree[])[];
}

export interface LabelledRows {
  readonly table: FeatureTable;
  readonly labels: Uint8Array;
  /** Starting scores, row by row: logarithms of the baseline's probabilities. */
  readonly start: Float32Array;
}

/**
 * Multi-class gradient boosting on the logistic loss from the scores of a baseline, so that the trees
 * learn what the baseline misses (Friedman 2001; second order as Chen and Guestrin 2016).
 * The same rows and seed give the same trees. `onRound` may stop it by returning false.
 */
export function boostClasses(
  rows: LabelledRows,
  o: {
    classCount: number;
    rules: BoostingRules;
    onRound?: (round: number, trees: readonly RegressionTree[]) => boolean;
  },
): BoostedClasses {
  const { classCount, rules } = o;
  const { table, labels } = rows;
  const edges = chooseEdges(table);
  const bins = binTable(table, edges);
  const random = new SeededRandom(rules.seed);
  const scores = rows.start.slice();
  const gradient = new Float32Array(table.rowCount);
  const hessian = new Float32Array(table.rowCount);
  const probabilities = new Float32Array(scores.length);
  const rounds: RegressionTree[][] = [];
  for (let round = 0; round < rules.rounds; round++) {
    const sample = sampleRows(table.rowCount, rules.rowShare, random);
    softmaxRows(scores, classCount, probabilities);
    const trees: RegressionTree[] = [];
    for (let c = 0; c < classCount; c++) {
      fillDerivatives({ labels, probabilities, classCount, c, gradient, hessian });
      const features = sampleFeatures(table.names.length, rules.featureShare, random);
      const tree = shrunk(
        growTree(
          { bins, rowCount: table.rowCount, features, edges, gradient, hessian, rows: sample },
          rules,
        ),
        rules.learningRate,
      );
      trees.push(tree);
    }
    addTrees({ trees, table, classCount, scores });
    rounds.push(trees);
    if (o.onRound?.(round, trees) === false) break;
  }
  return { classCount, rounds };
}

/** Adds the trees' values to the scores of all rows. */
export function addTrees(o: {
  trees: readonly RegressionTree[];
  table: FeatureTable;
  classCount: number;
  scores: Float32Array;
}): void {
  const width = o.table.names.length;
  for (const [c, tree] of o.trees.entries()) {
    for (let row = 0; row < o.table.rowCount; row++) {
      const cell = row * o.classCount + c;
      o.scores[cell] = (o.scores[cell] as number) + leafValue(tree, o.table.values, row * width);
    }
  }
}

/** Probabilities of scores, row by row. */
export function softmaxRows(scores: Float32Array, classCount: number, into: Float32Array): void {
  for (let at = 0; at < scores.length; at += classCount) {
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classCount; c++) most = Math.max(most, scores[at + c] as number);
    let sum = 0;
    for (let c = 0; c < classCount; c++) {
      const part = Math.exp((scores[at + c] as number) - most);
      into[at + c] = part;
      sum += part;
    }
    for (let c = 0; c < classCount; c++) into[at + c] = (into[at + c] as number) / sum;
  }
}

function fillDerivatives(o: {
  labels: Uint8Array;
  probabilities: Float32Array;
  classCount: number;
  c: number;
  gradient: Float32Array;
  hessian: Float32Array;
}): void {
  for (let row = 0; row < o.labels.length; row++) {
    const p = o.probabilities[row * o.classCount + o.c] as number;
    o.gradient[row] = p - (o.labels[row] === o.c ? 1 : 0);
    o.hessian[row] = Math.max(p * (1 - p), 1e-6);
  }
}

function sampleRows(rowCount: number, share: number, random: SeededRandom): Int32Array {
  const chosen = new Int32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (random.uniform() < share) chosen[count++] = row;
  }
  return chosen.slice(0, count);
}

function sampleFeatures(count: number, share: number, random: SeededRandom): number[] {
  return Array.from({ length: count }, (_, feature) => feature).filter(
    () => random.uniform() < share,
  );
}

function shrunk(tree: RegressionTree, factor: number): RegressionTree {
  return { ...tree, value: tree.value.map((value) => value * factor) };
}
