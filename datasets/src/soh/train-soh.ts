import { join } from "node:path";
import { conformalRadius } from "@voltfog/battery";
import { type Facts, rounded } from "@voltfog/runtime";
import type { Trainer } from "../evaluation/evaluation.ts";
import { predictTrees, type TreeEnsemble } from "../learning/boosted-trees.ts";
import { type FeatureTable, tableRows } from "../learning/feature-table.ts";
import { fitBoostedTrees } from "../learning/fit-boosted-trees.ts";
import { groupedFolds } from "../learning/grouped-folds.ts";
import { trainingHash } from "../learning/hashes.ts";
import { type ModelCard, type PartBytes, writeModel } from "../learning/model-folder.ts";
import { onnxModelBytes } from "../onnx/onnx-graph.ts";
import { treeEnsembleNode } from "../onnx/tree-ensemble-graph.ts";
import { type ChargeCycles, readChargeCycles } from "./charge-cycles.ts";
import {
  type SohFamily,
  sohFamilies,
  sohFolds,
  sohOptions,
  sohSeed,
  sohStride,
} from "./soh-families.ts";

const dataset = "battery_cycles_387";

/** `voltfog train soh`: one forest per family of cells, cross-validated by cell, then fitted to all. */
export const trainSoh: Trainer = {
  name: "soh",
  summary: "Fits the state of health from what each charge tells",
  flags: [],
  run: async ({ datasets, out, progress }) => {
    const trained: TrainedFamily[] = [];
    for (const [done, family] of sohFamilies.entries()) {
      progress({ done, total: sohFamilies.length, doing: family.name });
      trained.push(trainFamily(readChargeCycles(join(datasets, dataset, family.file)), family));
    }
    writeModel({ folder: out, card: cardOf(trained), parts: trained.map(({ part }) => part) });
    return trained.map(
      ({ family, metrics }) => `${family.name}: left-out cells ${JSON.stringify(metrics)}`,
    );
  },
};

interface TrainedFamily {
  readonly family: SohFamily;
  readonly file: ModelCard["datasets"][number];
  readonly part: PartBytes;
  readonly training: Facts;
  readonly metrics: Facts;
}

function trainFamily(cycles: ChargeCycles, family: SohFamily): TrainedFamily {
  const { table } = cycles;
  const truth = Float64Array.from(cycles.rows, (row) => row.truth);
  const cells = cycles.rows.map(({ cell }) => cell);
  const leftOut = leftOutEstimates(table, truth, cells);
  const kept = everyNth(Int32Array.from(truth.keys()), sohStride);
  const { ensemble, fittedTable, target } = fit(table, truth, kept);
  const radius = radiusByCell(cells, leftOut, truth);
  const node = treeEnsembleNode({ ensemble, input: "features", output: "estimate" });
  const graph = { name: `soh ${family.name}`, columns: table.names.length, outputs: 1 };
  return {
    family,
    file: { id: dataset, file: family.file, sha256: cycles.file.sha256 },
    part: {
      name: family.name,
      features: table.names,
      serving: { radius },
      bytes: onnxModelBytes({ ...graph, nodes: [node], constants: [] }),
    },
    training: {
      part: family.name,
      cells: [...new Set(cells)],
      rows: kept.length,
      sha256: trainingHash(fittedTable, target),
    },
    metrics: { part: family.name, ...errors(leftOut, truth) },
  };
}

function fit(
  table: FeatureTable,
  truth: Float64Array,
  rows: Int32Array,
): { ensemble: TreeEnsemble; fittedTable: FeatureTable; target: Float64Array } {
  const fittedTable = tableRows(table, rows);
  const target = Float64Array.from(rows, (row) => truth[row] as number);
  // The score is relative: an error weighs by the square of what it is measured against.
  const weight = target.map((value) => 1 / (value * value));
  const ensemble = fitBoostedTrees({ table: fittedTable, target, weight, options: sohOptions });
  return { ensemble, fittedTable, target };
}

/** For every row the estimate of a model that saw no row of its cell. */
function leftOutEstimates(
  table: FeatureTable,
  truth: Float64Array,
  cells: readonly string[],
): Float64Array {
  const estimates = new Float64Array(table.rows);
  for (const fold of groupedFolds({ groups: cells, folds: sohFolds, seed: sohSeed })) {
    const { ensemble } = fit(table, truth, everyNth(fold.fitted, sohStride));
    const given = predictTrees(ensemble, tableRows(table, fold.leftOut));
    fold.leftOut.forEach((row, at) => {
      estimates[row] = given[at] as number;
    });
  }
  return estimates;
}

function radiusByCell(
  cells: readonly string[],
  estimates: Float64Array,
  truth: Float64Array,
): number {
  const scores = new Map<string, number[]>();
  cells.forEach((cell, row) => {
    const error = Math.abs((estimates[row] as number) - (truth[row] as number));
    const known = scores.get(cell);
    if (known === undefined) scores.set(cell, [error]);
    else known.push(error);
  });
  return rounded(conformalRadius({ scores: [...scores.values()], share: 0.9 }));
}

function errors(estimates: Float64Array, truth: Float64Array): Facts {
  let relative = 0;
  let squared = 0;
  estimates.forEach((estimate, row) => {
    const error = estimate - (truth[row] as number);
    relative += Math.abs(error) / (truth[row] as number);
    squared += error * error;
  });
  return {
    mape_pct: rounded((100 * relative) / truth.length),
    rmse: rounded(Math.sqrt(squared / truth.length)),
  };
}

function everyNth(rows: Int32Array, stride: number): Int32Array {
  return rows.filter((_, at) => at % stride === 0);
}

function cardOf(trained: readonly TrainedFamily[]): Omit<ModelCard, "format" | "parts"> {
  return {
    task: "soh",
    method: "Gradient-boosted histogram trees on the statistics of this and earlier charges",
    seed: sohSeed,
    datasets: trained.map(({ file }) => file),
    training: trained.map(({ training }) => training),
    split: `${sohFolds} folds by cell for the metrics and interval widths; the model is fitted to all cells`,
    options: { ...sohOptions, stride: sohStride },
    metrics: trained.map(({ metrics }) => metrics),
  };
}
