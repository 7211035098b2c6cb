import { pulseVoltages } from "@voltfog/battery";
import { predictTrees } from "../learning/boosted-trees.ts";
import type { FeatureTable } from "../learning/feature-table.ts";
import { type BoostingOptions, fitBoostedTrees } from "../learning/fit-boosted-trees.ts";
import {
  fitKernelRidge,
  type KernelOptions,
  predictKernel,
  tableColumns,
} from "../learning/kernel-ridge.ts";
import type { Blend } from "../onnx/blend-graph.ts";

/** How one type of cell is fitted: chosen by cross-validation by cell on the given cells. */
export interface PulseModel {
  readonly type: string;
  /** Whether the kernel takes each voltage against the one before it or against the one at rest. */
  readonly sees: "steps" | "rises";
  readonly kernel: KernelOptions;
  /** Weight of the forest beside the kernel regression. */
  readonly treeShare: number;
}

export const pulseSeed = 20_260_103;

const wide: KernelOptions = { reach: 1.5, penalty: 0.03, whitening: 0.4 };

export const pulseModels: readonly PulseModel[] = [
  {
    type: "LFP_35Ah",
    sees: "steps",
    kernel: { reach: 1, penalty: 0.1, whitening: 0.6 },
    treeShare: 0.2,
  },
  { type: "NMC_21Ah", sees: "steps", kernel: { ...wide, reach: 2.5 }, treeShare: 0.2 },
  { type: "LMO_10Ah", sees: "rises", kernel: wide, treeShare: 0.2 },
  { type: "NMC_2.1Ah", sees: "rises", kernel: wide, treeShare: 0.5 },
];

export const pulseTrees: BoostingOptions = {
  trees: 600,
  depthMax: 3,
  learningRate: 0.05,
  leafWeightMin: 8,
  leafPenalty: 1,
  binsMax: 128,
  rowShare: 0.6,
  columnShare: 0.1,
  seed: pulseSeed,
};

/** The voltage at rest and the columns of what the kernel sees. */
function columnsOf(sees: PulseModel["sees"]): readonly string[] {
  const later = Array.from({ length: pulseVoltages - 1 }, (_, at) => at + 2);
  return ["U1", ...later.map((place) => `U${place}-U${sees === "steps" ? place - 1 : 1}`)];
}

export function fitPulses(table: FeatureTable, target: Float64Array, model: PulseModel): Blend {
  const kernelColumns = columnsOf(model.sees);
  return {
    columns: table.names,
    kernelColumns,
    ensemble: fitBoostedTrees({ table, target, options: pulseTrees }),
    kernel: fitKernelRidge({
      table: tableColumns(table, kernelColumns),
      target,
      options: model.kernel,
    }),
    treeShare: model.treeShare,
  };
}

export function predictPulses(blend: Blend, table: FeatureTable): Float64Array {
  const forest = predictTrees(blend.ensemble, table);
  const kernel = predictKernel(blend.kernel, tableColumns(table, blend.kernelColumns));
  return forest.map(
    (value, row) => blend.treeShare * value + (1 - blend.treeShare) * (kernel[row] as number),
  );
}
