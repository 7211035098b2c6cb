import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ThermalRules, type ThermalSigns, thermalRules } from "@voltfog/battery";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { Trainer } from "../evaluation/evaluation.ts";
import { sha256Hex } from "../learning/hashes.ts";
import { readThermalRuns, type ThermalRun } from "./thermal-runs.ts";
import { watchRun } from "./watch-run.ts";

const abuse = { folder: "cell_abuse_indentation", file: "tests.csv.gz" } as const;
/** Where a runaway begins, as the tests' own README counts. */
export const runaway_degC = 150;
/** What follows an alert so soon is learnt from: later everybody knows. */
const learnt_s = 10;
const penalty = 1;
const rounds = 50;

/** `voltfog train thermal`: there is no chance in it, so it needs no seed. */
export const trainThermal: Trainer = {
  name: "thermal",
  summary: "Fit the probability of thermal runaway to indentation tests of real cells",
  flags: [],
  run: async ({ datasets, out, progress }) => {
    progress({ done: 0, total: 1, doing: abuse.folder });
    const file = readThermalRuns(join(datasets, abuse.folder, abuse.file));
    const weights = fitWeights(file.runs);
    const rows = signRows(file.runs);
    mkdirSync(out, { recursive: true });
    const model = {
      version: 1,
      task: "thermal",
      rules: { ...thermalRules, weights },
      dataset: { ...abuse, sha256: file.sha256 },
      rows: rows.length,
      tests: file.runs.length,
      rowsSha256: sha256Hex([
        new Uint8Array(
          Float64Array.from(rows.flatMap(({ signs, label }) => [...signs, label])).buffer,
        ),
      ]),
      chosen: "rules by hand on the same tests; weights by logistic regression, penalty 1",
    };
    replaceFileSync(join(out, "thermal.json"), `${JSON.stringify(model, null, 1)}\n`);
    return [
      `${rows.length} rows of ${file.runs.length} tests; weights ${weights.map((weight) => weight.toFixed(3)).join(", ")}`,
    ];
  },
};

/** Rows within some seconds of an alert, each test weighing the same. */
function signRows(
  runs: readonly ThermalRun[],
): readonly { signs: ThermalSigns; label: number; weight: number }[] {
  return runs.flatMap((run) => {
    const verdicts = watchRun(run, thermalRules);
    const first = verdicts.findIndex(({ tier }) => tier >= 2);
    if (first < 0) return [];
    const label = run.cell_degC.some((value) => value >= runaway_degC) ? 1 : 0;
    const rows = verdicts.flatMap(({ signs }, row) => {
      const since_s = (run.t_s[row] ?? 0) - (run.t_s[first] ?? 0);
      return signs === undefined || since_s > learnt_s ? [] : [signs];
    });
    return rows.map((signs) => ({ signs, label, weight: 1 / rows.length }));
  });
}

/** Logistic regression with a penalty on all but the constant, uphill by bounded steps, none below 0. */
export function fitWeights(runs: readonly ThermalRun[]): ThermalRules["weights"] {
  const rows = signRows(runs);
  let weights: ThermalRules["weights"] = [0, 0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const slope = [0, 0, 0, 0];
    const curvature = [1e-6, 1e-6, 1e-6, 1e-6];
    for (const { signs, label, weight } of rows) {
      const inputs = [1, ...signs];
      const score = inputs.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
      const p = 1 / (1 + Math.exp(-score));
      for (const [i, value] of inputs.entries()) {
        slope[i] = (slope[i] ?? 0) + weight * (label - p) * value;
        // The sum over inputs bounds the Hessian by its diagonal, so every step goes uphill.
        const reach = inputs.reduce((sum, other) => sum + Math.abs(other), 0);
        curvature[i] = (curvature[i] ?? 0) + weight * 0.25 * Math.abs(value) * reach;
      }
    }
    const step = (i: number): number => {
      const ridge = i === 0 ? 0 : penalty;
      const pull = (slope[i] ?? 0) - ridge * (weights[i] ?? 0);
      const moved = (weights[i] ?? 0) + pull / ((curvature[i] ?? 1) + ridge);
      // More heat or less voltage never speaks against a runaway.
      return i === 0 ? moved : Math.max(0, moved);
    };
    weights = [step(0), step(1), step(2), step(3)];
  }
  const rounded = (value: number): number => Number(value.toPrecision(6));
  const [constant, perRise, perRate, perSag] = weights;
  return [rounded(constant), rounded(perRise), rounded(perRate), rounded(perSag)];
}
