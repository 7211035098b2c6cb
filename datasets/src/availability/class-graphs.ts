import type { OnnxConstant, OnnxGraph, OnnxNode } from "../onnx/onnx-graph.ts";
import type { LinearClasses } from "./learning/logistic.ts";
import type { NearestNeighbours, NeighbourRules } from "./learning/nearest-neighbours.ts";
import type { NeuralNetwork } from "./learning/neural-network.ts";
import type { Scale } from "./learning/standard-scale.ts";
import type { SupportVectors } from "./learning/support-vectors.ts";

/** From features to class probabilities. */
export type ClassGraph = Pick<OnnxGraph, "nodes" | "constants">;

/** Scores to probabilities. */
export const softmaxNode: OnnxNode = {
  operator: "Softmax",
  inputs: ["scores"],
  outputs: ["estimate"],
  attributes: [["axis", { type: "integer", value: 1 }]],
};

export function linearGraph({ weights, bias }: LinearClasses): ClassGraph {
  const layer = affine({ from: "features", to: "scores", weights, bias });
  return { constants: layer.constants, nodes: [...layer.nodes, softmaxNode] };
}

export function networkGraph({ scale, layers }: NeuralNetwork): ClassGraph {
  const parts = [standardised(scale)];
  for (const [i, { weights, bias }] of layers.entries()) {
    const isLast = i === layers.length - 1;
    const from = i === 0 ? "standard" : `active ${i - 1}`;
    const to = isLast ? "scores" : `layer ${i}`;
    parts.push(affine({ from, to, weights, bias }));
    if (isLast) continue;
    const active = { operator: "Relu", inputs: [to], outputs: [`active ${i}`] };
    parts.push({ constants: [], nodes: [active] });
  }
  return joined(parts, [softmaxNode]);
}

export function supportGraph(model: SupportVectors): ClassGraph {
  const { scale, directions, phases, margins, offsets, probabilities } = model;
  const cosines: ClassGraph = {
    constants: [],
    nodes: [
      { operator: "Cos", inputs: ["angles"], outputs: ["cosines"] },
      {
        operator: "Concat",
        inputs: ["cosines", "standard"],
        outputs: ["kernel"],
        attributes: [["axis", { type: "integer", value: 1 }]],
      },
    ],
  };
  return joined(
    [
      standardised(scale),
      affine({ from: "standard", to: "angles", weights: directions, bias: phases }),
      cosines,
      affine({ from: "kernel", to: "margins", weights: margins, bias: offsets }),
      affine({ from: "margins", to: "scores", ...probabilities }),
    ],
    [softmaxNode],
  );
}

/**
 * The nearest references are those with the least |r|² − 2 x·r, which leaves out the row's own |x|²: one
 * matrix product, the greatest of the negatives, and the mean of their classes.
 */
export function neighbourGraph(
  { mean, factor, references, labels, shares }: NearestNeighbours,
  { neighbours, prior }: Pick<NeighbourRules, "neighbours" | "prior">,
): ClassGraph {
  const [width, count, classCount] = [mean.length, labels.length, shares.length];
  const doubled = new Float32Array(width * count);
  const lengths = new Float32Array(count);
  const classes = new Float32Array(count * classCount);
  for (let place = 0; place < count; place++) {
    classes[place * classCount + (labels[place] ?? 0)] = 1;
    for (let i = 0; i < width; i++) {
      const value = references[place * width + i] ?? 0;
      doubled[i * count + place] = 2 * value;
      lengths[place] = (lengths[place] ?? 0) - value * value;
    }
  }
  const near = Math.min(neighbours, count);
  const total = near + prior;
  const constants: readonly OnnxConstant[] = [
    { name: "near", type: "int64", shape: [1], values: [near] },
    { name: "classes", shape: [count, classCount], values: classes },
    { name: "weight", shape: [1], values: [near / total] },
    { name: "prior", shape: [1, classCount], values: shares.map((one) => (one * prior) / total) },
  ];
  const integer = (value: number) => ({ type: "integer", value }) as const;
  const nodes: readonly OnnxNode[] = [
    {
      operator: "TopK",
      inputs: ["closeness", "near"],
      outputs: ["nearness", "places"],
      attributes: [
        ["axis", integer(1)],
        ["largest", integer(1)],
        ["sorted", integer(0)],
      ],
    },
    {
      operator: "Gather",
      inputs: ["classes", "places"],
      outputs: ["found"],
      attributes: [["axis", integer(0)]],
    },
    {
      operator: "ReduceMean",
      inputs: ["found"],
      outputs: ["mean"],
      attributes: [
        ["axes", { type: "integers", values: [1] }],
        ["keepdims", integer(0)],
      ],
    },
    { operator: "Mul", inputs: ["mean", "weight"], outputs: ["weighed"] },
    { operator: "Add", inputs: ["weighed", "prior"], outputs: ["estimate"] },
  ];
  const compare = affine({ from: "standard", to: "closeness", weights: doubled, bias: lengths });
  return joined([standardised({ mean, factor }), compare, { constants, nodes }], []);
}

function standardised({
  mean,
  factor,
}: Scale | Pick<NearestNeighbours, "mean" | "factor">): ClassGraph {
  const shape = [1, mean.length];
  return {
    constants: [
      { name: "means", shape, values: mean },
      { name: "factors", shape, values: factor },
    ],
    nodes: [
      { operator: "Sub", inputs: ["features", "means"], outputs: ["centred"] },
      { operator: "Mul", inputs: ["centred", "factors"], outputs: ["standard"] },
    ],
  };
}

/** from × weights + bias. */
function affine(o: {
  from: string;
  to: string;
  weights: ArrayLike<number>;
  bias: ArrayLike<number>;
}): ClassGraph {
  const { from, to, weights, bias } = o;
  const columns = bias.length;
  return {
    constants: [
      { name: `${to} weights`, shape: [weights.length / columns, columns], values: weights },
      { name: `${to} bias`, shape: [1, columns], values: bias },
    ],
    nodes: [
      { operator: "MatMul", inputs: [from, `${to} weights`], outputs: [`${to} sums`] },
      { operator: "Add", inputs: [`${to} sums`, `${to} bias`], outputs: [to] },
    ],
  };
}

function joined(parts: readonly ClassGraph[], last: readonly OnnxNode[]): ClassGraph {
  return {
    constants: parts.flatMap(({ constants }) => constants),
    nodes: [...parts.flatMap(({ nodes }) => nodes), ...last],
  };
}
