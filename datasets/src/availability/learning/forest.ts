import { SeededRandom } from "@voltfog/runtime";
import type { RegressionTree } from "../../learning/boosted-trees.ts";
import { binTable, chooseEdges, type FeatureTable } from "./feature-bins.ts";
import { growTree } from "./grow-tree.ts";

export interface ForestRules {
  readonly trees: number;
  readonly depth: number;
  /** Least rows in a leaf. */
  readonly leafRowsMin: number;
  readonly rowShare: number;
  readonly featureShare: number;
  readonly seed: number;
}

/**
 * A random forest (Breiman 2001) of one-against-rest trees on binned features: for every class, trees
 * whose leaves hold its share; shares are averaged over trees and normalised over classes. Trees come
 * class by class, round after round.
 */
export function growForest(
  rows: { table: FeatureTable; labels: Uint8Array },
  o: { classCount: number; rules: ForestRules; onTree: (done: number, total: number) => void },
): readonly RegressionTree[] {
  const { table, labels } = rows;
  const { rules, classCount } = o;
  const edges = chooseEdges(table);
  const bins = binTable(table, edges);
  const random = new SeededRandom(rules.seed);
  const hessian = new Float32Array(table.rowCount).fill(1);
  const members: RegressionTree[] = [];
  for (let i = 0; i < rules.trees; i++) {
    const sample = drawn(table.rowCount, rules.rowShare, random);
    const features = [...drawn(table.names.length, rules.featureShare, random)];
    for (let column = 0; column < classCount; column++) {
      const gradient = Float32Array.from(labels, (label) => (label === column ? -1 : 0));
      const tree = growTree(
        { bins, rowCount: table.rowCount, features, edges, gradient, hessian, rows: sample },
        { depth: rules.depth, leafWeightMin: rules.leafRowsMin, lambda: 0, gainMin: 1e-3 },
      );
      members.push({ ...tree, value: tree.value.map((share) => share / rules.trees) });
    }
    o.onTree(i + 1, rules.trees);
  }
  return members;
}

function drawn(count: number, share: number, random: SeededRandom): Int32Array {
  const chosen: number[] = [];
  for (let i = 0; i < count; i++) if (random.uniform() < share) chosen.push(i);
  return Int32Array.from(chosen);
}
