import type { RegressionTree, TreeEnsemble } from "../learning/boosted-trees.ts";
import type { NamedAttribute, OnnxNode } from "./onnx-graph.ts";

/** Which output column each tree adds to, where there are several. */
export interface TreeColumns {
  readonly count: number;
  readonly of: (tree: number) => number;
}

const oneColumn: TreeColumns = { count: 1, of: () => 0 };

/** The node that sums the leaves of all trees: TreeEnsembleRegressor of ai.onnx.ml 3. */
export function treeEnsembleNode(o: {
  ensemble: TreeEnsemble;
  input: string;
  output: string;
  columns?: TreeColumns;
}): OnnxNode {
  const { trees, base } = o.ensemble;
  const columns = o.columns ?? oneColumn;
  return {
    operator: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: [o.input],
    outputs: [o.output],
    attributes: [
      ["n_targets", { type: "integer", value: columns.count }],
      ["aggregate_function", { type: "text", value: "SUM" }],
      ["post_transform", { type: "text", value: "NONE" }],
      [
        "base_values",
        { type: "floats", values: Array.from({ length: columns.count }, () => base) },
      ],
      ...splitAttributes(trees),
      ...leafAttributes(trees, columns),
    ],
  };
}

function splitAttributes(trees: readonly RegressionTree[]): readonly NamedAttribute[] {
  const integers = (pick: (tree: RegressionTree, node: number, index: number) => number) => ({
    type: "integers" as const,
    values: trees.flatMap((tree, index) =>
      Array.from(tree.feature, (_, node) => pick(tree, node, index)),
    ),
  });
  return [
    ["nodes_treeids", integers((_tree, _node, index) => index)],
    ["nodes_nodeids", integers((_tree, node) => node)],
    ["nodes_featureids", integers((tree, node) => Math.max(0, tree.feature[node] ?? 0))],
    ["nodes_truenodeids", integers((tree, node) => tree.left[node] ?? 0)],
    ["nodes_falsenodeids", integers((tree, node) => tree.right[node] ?? 0)],
    ["nodes_values", { type: "floats", values: trees.flatMap(({ threshold }) => [...threshold]) }],
    [
      "nodes_modes",
      {
        type: "texts",
        values: trees.flatMap(({ feature }) =>
          Array.from(feature, (asked) => (asked < 0 ? "LEAF" : "BRANCH_LEQ")),
        ),
      },
    ],
  ];
}

function leafAttributes(
  trees: readonly RegressionTree[],
  columns: TreeColumns,
): readonly NamedAttribute[] {
  const leaves = trees
    .flatMap((tree, index) =>
      Array.from(tree.feature, (asked, node) => ({
        asked,
        node,
        index,
        value: tree.value[node] ?? 0,
      })),
    )
    .filter(({ asked }) => asked < 0);
  return [
    ["target_treeids", { type: "integers", values: leaves.map(({ index }) => index) }],
    ["target_nodeids", { type: "integers", values: leaves.map(({ node }) => node) }],
    ["target_ids", { type: "integers", values: leaves.map(({ index }) => columns.of(index)) }],
    ["target_weights", { type: "floats", values: leaves.map(({ value }) => value) }],
  ];
}
