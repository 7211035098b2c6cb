import type { ModelKind } from "@voltfog/forecasting";
import { sha256Hex } from "../learning/hashes.ts";
import { type OnnxGraph, onnxModelBytes } from "../onnx/onnx-graph.ts";
import { treeEnsembleNode } from "../onnx/tree-ensemble-graph.ts";
import {
  type ClassGraph,
  linearGraph,
  neighbourGraph,
  networkGraph,
  softmaxNode,
  supportGraph,
} from "./class-graphs.ts";
import { blendStart, fitBoosting } from "./fit-boosting.ts";
import { addTrees, type BoostingRules, softmaxRows } from "./learning/boosted-classes.ts";
import type { FeatureTable } from "./learning/feature-bins.ts";
import { type ForestRules, growForest } from "./learning/forest.ts";
import { fitLogistic, type LogisticRules, linearShares } from "./learning/logistic.ts";
import {
  fitNeighbours,
  type NeighbourRules,
  neighbourShares,
} from "./learning/nearest-neighbours.ts";
import { fitNetwork, type NetworkRules, networkShares } from "./learning/neural-network.ts";
import { fitSupportVectors, type SupportRules, supportShares } from "./learning/support-vectors.ts";
import type { TrainingRows } from "./training-rows.ts";

/** One horizon, fitted: its ONNX file and what the card says of it. */
export interface FittedHorizon {
  readonly onnx: Uint8Array;
  readonly detail: Readonly<Record<string, number>>;
  /** Log-loss on rows that were held out; where the fit held out some. */
  readonly heldOut: { readonly model: number; readonly rows: number } | undefined;
  /** Class probabilities of rows by the trainer's own code, row by row: what the ONNX file must say. */
  readonly shares: (rows: TrainingRows) => Float32Array;
}

export interface FitOptions {
  readonly seed: number;
  readonly onStep: (done: number, total: number) => void;
}

const boosting: Omit<BoostingRules, "seed"> = {
  depth: 5,
  leafWeightMin: 30,
  lambda: 5,
  gainMin: 0.5,
  rounds: 150,
  learningRate: 0.06,
  rowShare: 0.5,
  featureShare: 0.35,
};
const forest: Omit<ForestRules, "seed"> = {
  trees: 40,
  depth: 12,
  leafRowsMin: 10,
  rowShare: 0.4,
  featureShare: 0.35,
};
const logistic: Omit<LogisticRules, "seed"> = {
  epochs: 8,
  batch: 256,
  learningRate: 0.003,
  penalty: 1e-5,
};

const networkRules: Omit<NetworkRules, "seed"> = {
  hidden: [48, 24],
  epochs: 6,
  batch: 128,
  learningRate: 0.002,
  penalty: 1e-2,
};
const supportRules: Omit<SupportRules, "seed"> = {
  cosines: 192,
  epochs: 2,
  lambda: 1e-5,
  calibrationShare: 0.25,
};
/** Also what the tests compare with. */
export const neighbourRules: Omit<NeighbourRules, "seed"> = {
  references: 4000,
  neighbours: 25,
  prior: 2,
};

type Fit = (rows: TrainingRows, o: FitOptions) => FittedHorizon;

const fits: Readonly<Record<ModelKind, Fit>> = {
  gbt: fitGbt,
  rf: fitForest,
  lr: fitLinear,
  ann: fitNeuralNetwork,
  svm: fitSupportMachine,
  knn: fitNearest,
};

/** Fits one horizon with one kind of model. The same rows and seed give the same bytes. */
export function fitHorizon(kind: ModelKind, rows: TrainingRows, o: FitOptions): FittedHorizon {
  return fits[kind](rows, o);
}

/** SHA-256 over everything that the rows say: features, labels and times. */
export function rowsSha256(rows: TrainingRows): string {
  return sha256Hex(
    [rows.table.values, rows.labels, rows.target_ms].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
}

function fitGbt(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const rules = { ...boosting, seed: o.seed };
  const fitted = fitBoosting(rows, { rules, onRound: o.onStep });
  const { classCount } = fitted.model;
  const width = rows.table.names.length;
  const graph: OnnxGraph = {
    ...shapeOf(rows, { hasStart: true }),
    // The scores that the trees start from are the input's last columns.
    constants: [
      { name: "pick", shape: [width + classCount, classCount], values: picking(width, classCount) },
    ],
    nodes: [
      treeEnsembleNode({
        ensemble: { base: 0, trees: fitted.model.rounds.flat() },
        input: "features",
        output: "sums",
        columns: { count: classCount, of: (tree) => tree % classCount },
      }),
      { operator: "MatMul", inputs: ["features", "pick"], outputs: ["start"] },
      { operator: "Add", inputs: ["sums", "start"], outputs: ["scores"] },
      softmaxNode,
    ],
  };
  return {
    onnx: onnxModelBytes(graph),
    detail: { rounds: fitted.rounds },
    heldOut: fitted.validation,
    shares(asked) {
      const scores = blendStart(asked);
      const { table } = asked;
      for (const trees of fitted.model.rounds) addTrees({ trees, table, classCount, scores });
      const shares = new Float32Array(scores.length);
      softmaxRows(scores, classCount, shares);
      return shares;
    },
  };
}

function fitForest(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const { classCount } = rows.tables;
  const rules = { ...forest, seed: o.seed };
  const trees = growForest(rows, { classCount, rules, onTree: o.onStep });
  const graph: OnnxGraph = {
    ...shapeOf(rows, { hasStart: false }),
    constants: [
      { name: "ones", shape: [classCount, 1], values: new Float32Array(classCount).fill(1) },
    ],
    nodes: [
      treeEnsembleNode({
        ensemble: { base: 0, trees },
        input: "features",
        output: "shares",
        columns: { count: classCount, of: (tree) => tree % classCount },
      }),
      { operator: "MatMul", inputs: ["shares", "ones"], outputs: ["sum"] },
      { operator: "Div", inputs: ["shares", "sum"], outputs: ["estimate"] },
    ],
  };
  return {
    onnx: onnxModelBytes(graph),
    detail: { trees: rules.trees },
    heldOut: undefined,
    shares: ({ table }) => {
      const shares = new Float32Array(table.rowCount * classCount);
      for (let from = 0; from < trees.length; from += classCount) {
        const round = trees.slice(from, from + classCount);
        addTrees({ trees: round, table, classCount, scores: shares });
      }
      for (let at = 0; at < shares.length; at += classCount) {
        const row = shares.subarray(at, at + classCount);
        const sum = row.reduce((total, share) => total + share, 0);
        row.set(row.map((share) => share / sum));
      }
      return shares;
    },
  };
}

function fitLinear(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const { classCount } = rows.tables;
  const rules = { ...logistic, seed: o.seed };
  const model = fitLogistic(rows, { classCount, rules, onEpoch: o.onStep });
  return exported(rows, linearGraph(model), {
    detail: { epochs: rules.epochs },
    shares: (one) => linearShares(model, one),
  });
}

function fitNeuralNetwork(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const { classCount } = rows.tables;
  const rules = { ...networkRules, seed: o.seed };
  const model = fitNetwork(rows, { classCount, rules, onEpoch: o.onStep });
  return exported(rows, networkGraph(model), {
    detail: { epochs: rules.epochs },
    shares: (one) => networkShares(model, one),
  });
}

function fitSupportMachine(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const { classCount } = rows.tables;
  const rules = { ...supportRules, seed: o.seed };
  const model = fitSupportVectors(rows, { classCount, rules, onEpoch: o.onStep });
  return exported(rows, supportGraph(model), {
    detail: { cosines: rules.cosines, epochs: rules.epochs },
    shares: (one) => supportShares(model, one),
  });
}

function fitNearest(rows: TrainingRows, o: FitOptions): FittedHorizon {
  const rules = { ...neighbourRules, seed: o.seed };
  const model = fitNeighbours(rows, { classCount: rows.tables.classCount, rules });
  o.onStep(1, 1);
  const { neighbours } = rules;
  return exported(rows, neighbourGraph(model, rules), {
    detail: { references: model.labels.length, neighbours },
    shares: (one) => neighbourShares(model, { ...one, rules }),
  });
}

function exported(
  rows: TrainingRows,
  graph: ClassGraph,
  o: {
    detail: FittedHorizon["detail"];
    shares: (one: { table: FeatureTable; row: number }) => Float64Array;
  },
): FittedHorizon {
  const { classCount } = rows.tables;
  return {
    onnx: onnxModelBytes({ ...shapeOf(rows, { hasStart: false }), ...graph }),
    detail: o.detail,
    heldOut: undefined,
    shares: ({ table }) => {
      const shares = new Float32Array(table.rowCount * classCount);
      for (let row = 0; row < table.rowCount; row++) {
        shares.set(o.shares({ table, row }), row * classCount);
      }
      return shares;
    },
  };
}

/** A matrix that takes the last columns out of a row. */
function picking(width: number, classCount: number): Float32Array {
  const matrix = new Float32Array((width + classCount) * classCount);
  for (let c = 0; c < classCount; c++) matrix[(width + c) * classCount + c] = 1;
  return matrix;
}

function shapeOf(
  rows: TrainingRows,
  { hasStart }: { hasStart: boolean },
): Pick<OnnxGraph, "name" | "columns" | "outputs"> {
  const { classCount } = rows.tables;
  const width = rows.table.names.length;
  return {
    name: "availability",
    columns: width + (hasStart ? classCount : 0),
    outputs: classCount,
  };
}
