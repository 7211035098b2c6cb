import { join } from "node:path";
import { conformalRadius } from "@voltfog/battery";
import { type Facts, rounded } from "@voltfog/runtime";
import type { Trainer } from "../evaluation/evaluation.ts";
import { type FeatureTable, tableRows } from "../learning/feature-table.ts";
import { groupedFolds } from "../learning/grouped-folds.ts";
import { trainingHash } from "../learning/hashes.ts";
import { type PartBytes, writeModel } from "../learning/model-folder.ts";
import { blendGraph } from "../onnx/blend-graph.ts";
import { onnxModelBytes } from "../onnx/onnx-graph.ts";
import {
  fitPulses,
  type PulseModel,
  predictPulses,
  pulseModels,
  pulseSeed,
  pulseTrees,
} from "./pulse-models.ts";
import { type PulseTests, readPulseTests } from "./pulse-tests.ts";

const dataset = "pulsebat_second_life";
const file = "pulses_5s.csv.gz";
/** Few cells: several cuts into five folds, so that the figures do not hang on one of them. */
const repeats = 3;

/** `voltfog train second-life`: SoH from one pulse test, one model per type of cell. */
export const trainSecondLife: Trainer = {
  name: "second-life",
  summary: "Fits the state of health of a retired cell from one pulse test",
  flags: [],
  run: async ({ datasets, out, progress }) => {
    const tests = readPulseTests(join(datasets, dataset, file));
    const trained: ReturnType<typeof trainType>[] = [];
    for (const [done, model] of pulseModels.entries()) {
      progress({ done, total: pulseModels.length, doing: model.type });
      trained.push(trainType(tests, model));
    }
    writeModel({
      folder: out,
      card: {
        task: "second-life",
        method: "Gaussian kernel ridge regression and boosted trees on voltages of one pulse test",
        seed: pulseSeed,
        datasets: [{ id: dataset, file, sha256: tests.file.sha256 }],
        training: trained.map(({ training }) => training),
        split: `metrics and intervals from ${repeats} times 5 folds by cell; the models are fitted to all cells`,
        options: { trees: pulseTrees, models: pulseModels },
        metrics: trained.map(({ metrics }) => metrics),
      },
      parts: trained.map(({ part }) => part),
    });
    return trained.map(({ metrics }) => `left-out cells ${JSON.stringify(metrics)}`);
  },
};

function trainType(
  tests: PulseTests,
  model: PulseModel,
): { part: PartBytes; training: Facts; metrics: Facts } {
  const rows = tests.rows.flatMap(({ type }, row) => (type === model.type ? [row] : []));
  const table = tableRows(tests.table, rows);
  const truth = Float64Array.from(rows, (row) => tests.rows[row]?.truth ?? Number.NaN);
  const cells = rows.map((row) => tests.rows[row]?.cell ?? "");
  const { errors, scores } = crossValidate({ table, truth, cells, model });
  const radius = rounded(conformalRadius({ scores, share: 0.9 }));
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  const name = model.type.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return {
    part: {
      name,
      features: table.names,
      serving: { radius },
      bytes: onnxModelBytes(
        blendGraph(`second-life ${model.type}`, fitPulses(table, truth, model)),
      ),
    },
    training: {
      part: name,
      cells: [...new Set(cells)],
      rows: rows.length,
      sha256: trainingHash(table, truth),
    },
    metrics: {
      metric: `secondlife.rmse_pp.${model.type}`,
      value: rounded(100 * Math.sqrt(squares / errors.length)),
      radius,
    },
  };
}

function crossValidate(o: {
  table: FeatureTable;
  truth: Float64Array;
  cells: readonly string[];
  model: PulseModel;
}): { errors: readonly number[]; scores: readonly (readonly number[])[] } {
  const errors: number[] = [];
  const scores = new Map<string, number[]>(o.cells.map((cell) => [cell, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const fold of groupedFolds({ groups: o.cells, folds: 5, seed: pulseSeed + repeat })) {
      const target = Float64Array.from(fold.fitted, (row) => o.truth[row] as number);
      const blend = fitPulses(tableRows(o.table, fold.fitted), target, o.model);
      predictPulses(blend, tableRows(o.table, fold.leftOut)).forEach((estimate, at) => {
        const row = fold.leftOut[at] as number;
        const error = Math.abs(estimate - (o.truth[row] as number));
        errors.push(error);
        scores.get(o.cells[row] ?? "")?.push(error);
      });
    }
  }
  return { errors, scores: [...scores.values()] };
}
