import { join } from "node:path";
import { conformalRadius, type earlyLifeNames } from "@voltfog/battery";
import { assert, type Facts, rounded } from "@voltfog/runtime";
import type { Trainer } from "../evaluation/evaluation.ts";
import { type FeatureTable, tableRows } from "../learning/feature-table.ts";
import { groupedFolds } from "../learning/grouped-folds.ts";
import { trainingHash } from "../learning/hashes.ts";
import { writeModel } from "../learning/model-folder.ts";
import { type ClippedLinear, fitRidge, meanOfLinear, predictLinear } from "../learning/ridge.ts";
import { linearGraph } from "../onnx/linear-graph.ts";
import { onnxModelBytes } from "../onnx/onnx-graph.ts";
import { readEarlyCycles, readLives } from "./early-cycles.ts";

const dataset = "severson_early_cycles";
const files = {
  curves: "discharge_curves.csv.gz",
  capacity: "capacity_cycles_2_100.csv.gz",
  lives: "cycle_lives.csv",
};
const seed = 20_260_102;
const repeats = 20;
const penalty = 0.3;
/** Four sets of columns whose mean is served; chosen by cross-validation on the training cells. */
const columnSets: readonly (readonly (typeof earlyLifeNames)[number][])[] = [
  [
    "log10 variance of dQ",
    "log10 mean of dQ",
    "capacity at first",
    "change of slope",
    "dQ at the lowest voltage",
  ],
  ["log10 minimum of dQ", "kurtosis of dQ", "capacity at first", "rise to the greatest capacity"],
  [
    "log10 variance of dQ",
    "log10 minimum of dQ",
    "capacity at first",
    "rise to the greatest capacity",
    "slope of cycles 52-100",
  ],
  [
    "log10 variance of dQ",
    "log10 mean of dQ",
    "capacity at first",
    "change of slope",
    "dQ at the lowest voltage",
    "rise to the greatest capacity",
  ],
];

/** `voltfog train rul`: log10 of the cycle life from the first hundred cycles, on the train cells only. */
export const trainLife: Trainer = {
  name: "rul",
  summary: "Fits the cycle life from a cell's first hundred cycles",
  flags: [],
  run: async ({ datasets, out }) => {
    const at = (file: string): string => join(datasets, dataset, file);
    const cycles = readEarlyCycles({ curves: at(files.curves), capacity: at(files.capacity) });
    const { lives, file } = readLives(at(files.lives));
    const rows = cycles.cells.flatMap((cell, row) =>
      lives.get(cell)?.split === "train" ? [row] : [],
    );
    const cells = rows.map((row) => cycles.cells[row] ?? "");
    const table = tableRows(cycles.table, rows);
    const life = Float64Array.from(cells, (cell) => lives.get(cell)?.life ?? Number.NaN);
    const leftOut = crossValidate(table, life);
    const radius = conformalRadius({ scores: leftOut.scores, share: 0.9 });
    assert(Number.isFinite(radius), "there are enough cells for the interval");
    writeModel({
      folder: out,
      card: {
        task: "rul",
        method: "Mean of four ridge regressions of log10 cycle life on features of cycles 2 to 100",
        seed,
        datasets: [...cycles.files, file].map(({ sha256 }, index) => ({
          id: dataset,
          file: Object.values(files)[index] ?? "",
          sha256,
        })),
        training: [{ part: "life", cells, rows: rows.length, sha256: trainingHash(table, life) }],
        split: `fitted to the 41 train cells; metrics and interval from ${repeats} times 5 folds of them`,
        options: { penalty, columnSets, weight: "cycle life" },
        metrics: leftOut.metrics,
      },
      parts: [
        {
          name: "life",
          features: table.names,
          serving: { radius: rounded(radius) },
          bytes: onnxModelBytes(linearGraph("rul", fit(table, life))),
        },
      ],
    });
    return [`life: left-out cells ${JSON.stringify(leftOut.metrics)}`];
  },
};

function fit(table: FeatureTable, life: Float64Array): ClippedLinear {
  const target = life.map(Math.log10);
  const models = columnSets.map((names) => {
    const columns = names.map((name) => table.names.indexOf(name));
    // An error in cycles grows with the life: long lives weigh more, between both scores.
    return fitRidge({ table, columns, target, weight: life, penalty });
  });
  return meanOfLinear(models);
}

function crossValidate(
  table: FeatureTable,
  life: Float64Array,
): { scores: number[][]; metrics: readonly Facts[] } {
  const groups = Array.from(life, (_, row) => String(row));
  const scores = groups.map((): number[] => []);
  let squares = 0;
  let relative = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const fold of groupedFolds({ groups, folds: 5, seed: seed + repeat })) {
      const fitted = Float64Array.from(fold.fitted, (row) => life[row] as number);
      const model = fit(tableRows(table, fold.fitted), fitted);
      predictLinear(model, tableRows(table, fold.leftOut)).forEach((estimate, at) => {
        const row = fold.leftOut[at] as number;
        const truth = life[row] as number;
        scores[row]?.push(Math.abs(estimate - Math.log10(truth)));
        squares += (10 ** estimate - truth) ** 2;
        relative += Math.abs(10 ** estimate - truth) / truth;
      });
    }
  }
  const count = repeats * life.length;
  return {
    scores,
    metrics: [
      { metric: "rul.rmse_cycles", value: rounded(Math.sqrt(squares / count)) },
      { metric: "rul.mape_pct", value: rounded((100 * relative) / count) },
    ],
  };
}
