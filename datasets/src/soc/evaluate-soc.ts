import {
  a123Parameters,
  type CellParameters,
  leafParameters,
  lgHg2Parameters,
} from "@voltfog/battery";
import { CodedError, type Facts, type Goal, reportRow } from "@voltfog/runtime";
import type { Evaluated, Evaluation } from "../evaluation/evaluation.ts";
import type { Predictions } from "../evaluation/predictions.ts";
import { type Chemistry, chemistryOf, readCellRuns } from "./cell-run.ts";
import { type RunScore, scoreRun, settling_s } from "./score-run.ts";
import { type Disturbance, type EstimatorName, estimatorNames } from "./track-soc.ts";

/** The model that is shipped for each chemistry. */
const shippedCells: Readonly<Record<Chemistry, CellParameters>> = {
  nmc: lgHg2Parameters,
  lfp: a123Parameters,
  lmo: leafParameters,
};
/** `voltfog evaluate soc`. */
export const evaluateSoc: Evaluation = {
  name: "soc",
  summary: "Score state-of-charge estimation on recorded drive cycles, beside a Coulomb counter",
  flags: [
    {
      name: "data",
      value: "FILE",
      summary:
        "runs like lg_hg2_drive_1hz, a123_dynamic_1hz or hppc of nissan_leaf_cell, plain or .gz",
      isRequired: true,
    },
    {
      name: "chemistry",
      value: "nmc|lfp|lmo",
      summary: "of the cell, which also tells the file's format",
      isRequired: true,
    },
    {
      name: "initial-error",
      value: "PP",
      summary: "percentage points added to the charge at the start",
      fallback: "0",
    },
    {
      name: "current-bias",
      value: "A",
      summary: "amperes added to every current, charge positive",
      fallback: "0",
    },
    {
      name: "estimator",
      value: estimatorNames.join("|"),
      summary: "estimator to score",
      fallback: "ekf",
    },
  ],
  examples: [
    "voltfog evaluate soc --data drive_25c.csv.gz --chemistry nmc",
    "voltfog evaluate soc --data dynamic.csv.gz --chemistry lfp --initial-error -10 --predictions soc.csv",
  ],
  run: async ({ flags, progress }) => {
    const chemistry = chemistryOf(flags["chemistry"]);
    const estimator = estimatorOf(flags["estimator"]);
    const disturbance = {
      initialError: numberFlag("initial-error", flags["initial-error"], 100) / 100,
      currentBias_A: numberFlag("current-bias", flags["current-bias"], 1000),
    };
    const file = readCellRuns(flags["data"] ?? "", chemistry);
    const parameters = shippedCells[chemistry];
    const scored = file.runs.map((run, i) => {
      progress({ done: i, total: file.runs.length, doing: `${run.id.replace(" ", " °C, ")}` });
      return scoreRun(run, { parameters, estimator, disturbance });
    });
    return {
      findings: findingsOf({ scored, parameters, estimator, disturbance, sha256: file.sha256 }),
      predictions: predictionsOf(scored),
    };
  },
};

function findingsOf(o: {
  scored: readonly RunScore[];
  parameters: CellParameters;
  estimator: EstimatorName;
  disturbance: Disturbance;
  sha256: string;
}): Evaluated["findings"] {
  const { scored, parameters, estimator, disturbance } = o;
  const goals = goalsOf(parameters.chemistry, disturbance);
  const errors = scored.flatMap((one) => one.errors ?? []);
  const counters = scored.flatMap((one) => one.counter ?? []);
  const row = (metric: string, value: number): ReturnType<typeof reportRow> =>
    reportRow({ metric, unit: "pp", values: [value], goal: goals[metric] });
  const rows =
    errors.length === 0
      ? []
      : [
          row("soc.rmse_pp.mean", mean(errors.map(({ rmse_pct }) => rmse_pct))),
          row("soc.max_pp.worst", Math.max(...errors.map(({ max_pct }) => max_pct))),
          row("soc.max_pp.mean", mean(errors.map(({ max_pct }) => max_pct))),
          row("soc.coulomb.rmse_pp.mean", mean(counters.map(({ rmse_pct }) => rmse_pct))),
        ];
  return {
    method: `Each run of the file, from full charge (state of charge 1${disturbance.initialError === 0 ? "" : `, told ${100 * disturbance.initialError} points wrong`}), is followed by ${estimator}${disturbance.currentBias_A === 0 ? "" : ` with ${disturbance.currentBias_A} A added to every current`}; the truth is 1 + ah/2.781 for the LG cell, the file's own for A123, and the counted current from full over 31.17 Ah for the Leaf cell. The mean is over runs, each run's error over its rows${disturbance.initialError === 0 ? "" : ` after ${settling_s} s`}. The model was fitted to ${parameters.provenance.runs.length} runs (${parameters.name}); runs among them are marked in items. The Coulomb counter beside it gets the same wrong start and current.`,
    inputs: {
      sha256: o.sha256,
      estimator,
      model: parameters.name,
      trainingRowsSha256: parameters.provenance.rowsSha256,
      initialError_pct: 100 * disturbance.initialError,
      currentBias_A: disturbance.currentBias_A,
      goals,
    },
    rows,
    items: scored.map((one) => itemOf(one, parameters)),
  };
}

function itemOf({ run, errors, counter }: RunScore, parameters: CellParameters): Facts {
  return {
    id: run.id,
    rows: run.t_s.length,
    isTraining: parameters.provenance.runs.includes(run.id),
    estimator: errors,
    coulomb: counter,
  };
}

/** The goals of the design, for the disturbances that it names. */
function goalsOf(
  chemistry: CellParameters["chemistry"],
  { initialError, currentBias_A }: Disturbance,
): Readonly<Record<string, Goal>> {
  const atMost = (goal: number, moonshot: number): Readonly<Record<string, Goal>> => ({
    "soc.rmse_pp.mean": { sense: "at-most", goal, moonshot },
  });
  if (chemistry === "lmo") return {};
  if (chemistry === "lfp") return initialError === 0 ? {} : atMost(3, 1);
  if (currentBias_A !== 0) return atMost(0.8, 0.45);
  return initialError === 0 ? atMost(0.6, 0.35) : atMost(0.7, 0.4);
}

function predictionsOf(scored: readonly RunScore[]): Predictions {
  return {
    columns: ["id", "t_s", "estimate", "low", "high"],
    rows: {
      *[Symbol.iterator]() {
        for (const { run, track } of scored) {
          for (const [row, t_s] of run.t_s.entries()) {
            const said = (value: number | undefined): number | undefined =>
              Number.isFinite(value) ? value : undefined;
            yield [
              run.id,
              said(t_s),
              said(track.soc[row]),
              said(track.low[row]),
              said(track.high[row]),
            ];
          }
        }
      },
    },
  };
}

function estimatorOf(text: string | undefined): EstimatorName {
  const estimator = estimatorNames.find((name) => name === text);
  if (estimator !== undefined) return estimator;
  throw invalidFlag("estimator", text, `one of ${estimatorNames.join(", ")}`);
}

function numberFlag(name: string, text: string | undefined, most: number): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && Math.abs(value) <= most) return value;
  throw invalidFlag(name, text, `a number from −${most} to ${most}`);
}

function invalidFlag(name: string, text: string | undefined, wanted: string): CodedError {
  return new CodedError({
    code: "FLAG_INVALID",
    message: `--${name} is ${JSON.stringify(text ?? "")}`,
    remedy: `give ${wanted}`,
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
