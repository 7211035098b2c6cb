import type { TreeEnsemble } from "../learning/boosted-trees.ts";
import { clipDeviations, type KernelModel } from "../learning/kernel-ridge.ts";
import type { OnnxConstant, OnnxGraph, OnnxNode } from "./onnx-graph.ts";
import { treeEnsembleNode } from "./tree-ensemble-graph.ts";

/** A forest and a kernel regression on some of the same columns, weighed by share and 1 − share. */
export interface Blend {
  readonly columns: readonly string[];
  readonly kernelColumns: readonly string[];
  readonly ensemble: TreeEnsemble;
  readonly kernel: KernelModel;
  /** Weight of the forest, 0..1. */
  readonly treeShare: number;
}

/**
 * The blend as one graph. The kernel is exp(2·x·c − |c|² − |x|²), which needs no operator beyond Gemm and
 * Exp; columns that it does not use have a weight of zero.
 */
export function blendGraph(name: string, blend: Blend): OnnxGraph {
  const { treeShare } = blend;
  const ensemble = scaledEnsemble(blend.ensemble, treeShare);
  return {
    name,
    columns: blend.columns.length,
    outputs: 1,
    nodes: [
      ...kernelNodes,
      treeEnsembleNode({ ensemble, input: "features", output: "forest" }),
      { operator: "Add", inputs: ["kernel", "forest"], outputs: ["estimate"] },
    ],
    constants: kernelConstants(blend),
  };
}

const kernelNodes: readonly OnnxNode[] = [
  { operator: "Sub", inputs: ["features", "middle"], outputs: ["centred"] },
  { operator: "Mul", inputs: ["centred", "scale"], outputs: ["scaled"] },
  { operator: "Max", inputs: ["scaled", "least"], outputs: ["raised"] },
  { operator: "Min", inputs: ["raised", "most"], outputs: ["held"] },
  { operator: "Gemm", inputs: ["held", "turn", "shift"], outputs: ["point"] },
  { operator: "Mul", inputs: ["point", "point"], outputs: ["squares"] },
  { operator: "MatMul", inputs: ["squares", "ones"], outputs: ["length"] },
  { operator: "Gemm", inputs: ["point", "centres", "centre lengths"], outputs: ["cross"] },
  { operator: "Sub", inputs: ["cross", "length"], outputs: ["exponent"] },
  { operator: "Exp", inputs: ["exponent"], outputs: ["closeness"] },
  { operator: "Gemm", inputs: ["closeness", "weights", "base"], outputs: ["kernel"] },
];

function kernelConstants(blend: Blend): readonly OnnxConstant[] {
  const { kernel, columns } = blend;
  const size = blend.kernelColumns.length;
  const count = kernel.weights.length;
  const share = 1 - blend.treeShare;
  const places = columns.map((name) => blend.kernelColumns.indexOf(name));
  const placed = (values: Float64Array): number[] => places.map((at) => values[at] ?? 0);
  const centre = (row: number, at: number): number => kernel.centres[row * size + at] as number;
  const lengths = Array.from(kernel.weights, (_, row) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum -= centre(row, at) ** 2;
    return sum;
  });
  return [
    { name: "middle", shape: [1, columns.length], values: placed(kernel.middle) },
    {
      name: "scale",
      shape: [1, columns.length],
      values: placed(kernel.spread.map((value) => 1 / value)),
    },
    { name: "least", shape: [1, 1], values: [-clipDeviations] },
    { name: "most", shape: [1, 1], values: [clipDeviations] },
    {
      name: "turn",
      shape: [columns.length, size],
      values: places.flatMap((at) =>
        Array.from({ length: size }, (_, to) => (at < 0 ? 0 : (kernel.turn[at * size + to] ?? 0))),
      ),
    },
    { name: "shift", shape: [size], values: kernel.shift },
    { name: "ones", shape: [size, 1], values: new Float32Array(size).fill(1) },
    {
      name: "centres",
      shape: [size, count],
      values: Array.from(
        { length: size * count },
        (_, index) => 2 * centre(index % count, Math.floor(index / count)),
      ),
    },
    { name: "centre lengths", shape: [count], values: lengths },
    { name: "weights", shape: [count, 1], values: kernel.weights.map((value) => share * value) },
    { name: "base", shape: [1], values: [share * kernel.base] },
  ];
}

function scaledEnsemble({ base, trees }: TreeEnsemble, share: number): TreeEnsemble {
  return {
    base: share * base,
    trees: trees.map((tree) => ({ ...tree, value: tree.value.map((value) => share * value) })),
  };
}
