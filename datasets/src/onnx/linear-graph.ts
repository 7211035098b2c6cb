import type { ClippedLinear } from "../learning/ridge.ts";
import type { OnnxGraph } from "./onnx-graph.ts";

/** Features held between their bounds, then one weighted sum (Max, Min and Gemm of opset 17). */
export function linearGraph(name: string, model: ClippedLinear): OnnxGraph {
  const columns = model.weights.length;
  return {
    name,
    columns,
    outputs: 1,
    nodes: [
      { operator: "Max", inputs: ["features", "low"], outputs: ["raised"] },
      { operator: "Min", inputs: ["raised", "high"], outputs: ["held"] },
      { operator: "Gemm", inputs: ["held", "weights", "base"], outputs: ["estimate"] },
    ],
    constants: [
      { name: "low", shape: [1, columns], values: model.low },
      { name: "high", shape: [1, columns], values: model.high },
      { name: "weights", shape: [columns, 1], values: model.weights },
      { name: "base", shape: [1], values: [model.base] },
    ],
  };
}
