import { assert, CodedError, type Goal, type ReportRow, reportRow } from "@voltfog/runtime";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { openModel } from "../learning/model-folder.ts";
import { readEarlyCycles, readLives } from "./early-cycles.ts";

/** `voltfog evaluate rul`: cycle life told from the first hundred cycles. */
export const evaluateLife: Evaluation = {
  name: "rul",
  summary: "Scores the cycle life told after a cell's first hundred cycles",
  flags: [
    {
      name: "curves",
      value: "FILE",
      isRequired: true,
      summary: "discharge curves at cycles 10 and 100",
    },
    {
      name: "capacity",
      value: "FILE",
      isRequired: true,
      summary: "discharge capacities of cycles 2 to 100",
    },
    { name: "lives", value: "FILE", summary: "measured cycle lives; without it nothing is scored" },
    {
      name: "short-life",
      value: "CYCLES",
      summary: "cells that lived shorter are left out of the second set of rows",
      fallback: "200",
    },
    {
      name: "model",
      value: "DIR",
      summary: "a model that voltfog train rul wrote; else the shipped one",
    },
  ],
  examples: [
    "voltfog evaluate rul --curves discharge_curves.csv.gz --capacity capacity_cycles_2_100.csv.gz --lives cycle_lives.csv --json",
  ],
  run: async ({ flags }) => {
    const shortLife = shortLifeOf(flags["short-life"]);
    const { card, graphs } = await openModel({ task: "rul", folder: flags["model"] });
    const [part] = card.parts;
    const graph = graphs.get("life");
    assert(part !== undefined && graph !== undefined, "the model has a part named life");
    const cycles = readEarlyCycles({
      curves: flags["curves"] ?? "",
      capacity: flags["capacity"] ?? "",
    });
    const logs = await graph.run({ values: cycles.table.values, rows: cycles.table.rows });
    const radius = part.serving["radius"] ?? 0;
    const estimates = cycles.cells.map((cell, row): LifeEstimate => {
      const log = logs[row] as number;
      return { cell, life: 10 ** log, low: 10 ** (log - radius), high: 10 ** (log + radius) };
    });
    const lives = flags["lives"] === undefined ? undefined : readLives(flags["lives"]);
    const fitted = new Set(card.training.flatMap(({ cells }) => cells as readonly string[]));
    const scored = estimates.flatMap((estimate): readonly ScoredLife[] => {
      const truth = lives?.lives.get(estimate.cell);
      if (truth === undefined) return [];
      return [{ ...estimate, truth: truth.life, isSeen: fitted.has(estimate.cell) }];
    });
    return {
      findings: {
        method: methodText,
        inputs: {
          files: lives === undefined ? cycles.files : [...cycles.files, lives.file],
          model: { file: part.file, sha256: part.sha256 },
          shortLife,
          cellsSeenInTraining: scored.filter(({ isSeen }) => isSeen).length,
        },
        rows: rowsOf({ scored: scored.filter(({ isSeen }) => !isSeen), shortLife }),
        items: scored.map(({ cell, truth, life, low, high, isSeen }) => ({
          cell,
          truth,
          estimate: life,
          low,
          high,
          isSeen,
        })),
      },
      predictions: {
        columns: ["id", "estimate", "low", "high"],
        rows: estimates.map(({ cell, life, low, high }) => [cell, life, low, high]),
      },
    };
  },
};

const methodText = [
  "One estimate of the cycle life (cycles to 80 % of nominal capacity) per cell, from cycles 2 to 100, served by onnxruntime.",
  "Rows count cells with a given life that the model was not fitted to; a cell is never told by its name.",
  "Rows without_short_lived leave out the cells that lived shorter than --short-life: in test1 one cell of 148 cycles, far outside of what any training cell lived, decides the error of all.",
  "The interval is conformal at 90 % in log10 of the life, from left-out train cells; its width is the mean in cycles.",
].join(" ");

interface LifeEstimate {
  readonly cell: string;
  readonly life: number;
  readonly low: number;
  readonly high: number;
}

interface ScoredLife extends LifeEstimate {
  readonly truth: number;
  readonly isSeen: boolean;
}

function shortLifeOf(text: string | undefined): number {
  const value = Number(text ?? "200");
  if (text !== "" && value >= 0 && value <= 1e6) return value;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: `--short-life is ${JSON.stringify(text ?? "")}`,
    remedy: "give a number of cycles from 0 to 1000000",
  });
}

/** The design's, for test1 of Severson. */
const goals: Readonly<Record<string, Goal>> = {
  "rul.rmse_cycles": { sense: "at-most", goal: 140 },
  "rul.without_short_lived.rmse_cycles": { sense: "at-most", goal: 93, moonshot: 75 },
  "rul.without_short_lived.mape_pct": { sense: "at-most", goal: 10.8, moonshot: 8.5 },
};

function rowsOf(o: { scored: readonly ScoredLife[]; shortLife: number }): readonly ReportRow[] {
  const usual = o.scored.filter(({ truth }) => truth >= o.shortLife);
  return [
    ...scoresOf(o.scored, "rul"),
    ...(usual.length < o.scored.length ? scoresOf(usual, "rul.without_short_lived") : []),
  ];
}

function scoresOf(scored: readonly ScoredLife[], name: string): readonly ReportRow[] {
  if (scored.length === 0) return [];
  const mean = (pick: (cell: ScoredLife) => number): number =>
    scored.reduce((sum, cell) => sum + pick(cell), 0) / scored.length;
  const row = (figure: string, unit: string, value: number): ReportRow => {
    const metric = `${name}.${figure}`;
    return reportRow({ metric, unit, values: [value], goal: goals[metric] });
  };
  return [
    row("rmse_cycles", "cycles", Math.sqrt(mean(({ life, truth }) => (life - truth) ** 2))),
    row("mape_pct", "%", 100 * mean(({ life, truth }) => Math.abs(life - truth) / truth)),
    row(
      "interval_coverage",
      "",
      mean(({ low, high, truth }) => Number(low <= truth && truth <= high)),
    ),
    row(
      "interval_width_cycles",
      "cycles",
      mean(({ low, high }) => high - low),
    ),
  ];
}
