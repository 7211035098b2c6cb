import { join } from "node:path";
import { type Facts, type Goal, type ReportRow, reportRow } from "@voltfog/runtime";
import type { Evaluation } from "../evaluation/evaluation.ts";
import {
  a123Training,
  type CellTraining,
  leafTraining,
  lgHg2Training,
  withoutAmbient,
} from "./cell-designs.ts";
import { type CellRun, type Chemistry, chemistryOf, readCellRuns } from "./cell-run.ts";
import { scoreRun } from "./score-run.ts";
import type { Disturbance } from "./track-soc.ts";
import { fitFrom } from "./train-soc.ts";

const trainings: Readonly<Record<Chemistry, CellTraining>> = {
  nmc: lgHg2Training,
  lfp: a123Training,
  lmo: leafTraining,
};

interface Start {
  readonly name: "true" | "off" | "bias";
  readonly disturbance: Disturbance;
  /** The design's, for the LG cell. */
  readonly goal: Goal;
}

const starts: readonly Start[] = [
  {
    name: "true",
    disturbance: { initialError: 0, currentBias_A: 0 },
    goal: { sense: "at-most", goal: 1.4, moonshot: 0.8 },
  },
  {
    name: "off",
    disturbance: { initialError: -0.1, currentBias_A: 0 },
    goal: { sense: "at-most", goal: 1, moonshot: 0.7 },
  },
  {
    name: "bias",
    disturbance: { initialError: 0, currentBias_A: 0.1 },
    goal: { sense: "at-most", goal: 1.6, moonshot: 0.9 },
  },
];
const maxGoal: Goal = { sense: "at-most", goal: 4 };

interface Scored {
  readonly ambient_degC: number;
  readonly start: Start["name"];
  readonly id: string;
  /** Whether the shipped model was fitted to runs of this profile, at other ambients or this one. */
  readonly isTrainingProfile: boolean;
  readonly rmse_pct: number;
  readonly max_pct: number;
  readonly within90: number;
}

/** `voltfog evaluate soc-left-out`: what a filter does at a temperature that its model never saw. */
export const evaluateLeftOut: Evaluation = {
  name: "soc-left-out",
  summary: "Score state of charge at each ambient temperature with a model fitted without it",
  flags: [
    {
      name: "datasets",
      value: "DIR",
      summary: "folder of the datasets, which holds those that train soc reads",
      isRequired: true,
    },
    { name: "chemistry", value: "nmc|lfp|lmo", summary: "of the cell", fallback: "nmc" },
  ],
  examples: [
    "voltfog evaluate soc-left-out --datasets DIR",
    "voltfog evaluate soc-left-out --datasets DIR --chemistry lmo --json",
  ],
  run: ({ flags, progress }) => {
    const chemistry = chemistryOf(flags["chemistry"]);
    const training = trainings[chemistry];
    const root = flags["datasets"] ?? "";
    const files = training.files.map((file) =>
      readCellRuns(join(root, training.folder, file), chemistry),
    );
    const runs = files.flatMap((file) => file.runs);
    const fitted = runs.filter(training.isTraining);
    const ambients = [...new Set(fitted.map(({ ambient_degC }) => ambient_degC))];
    const scored = ambients.flatMap((ambient_degC, done) => {
      progress({ done, total: ambients.length, doing: `without ${ambient_degC} °C` });
      const parameters = fitFrom(root, withoutAmbient(training, ambient_degC));
      const own = runs.filter((run) => run.ambient_degC === ambient_degC);
      return own.flatMap((run) => scoredRun(run, { parameters, training }));
    });
    return Promise.resolve({
      findings: {
        method: `For each of ${ambients.length} ambient temperatures a model of ${training.design.name} is fitted to the training runs at all others (the filter's tuning stays), and follows the runs at this one: from full charge, from 10 points too low (scored after 10 minutes), and with 0.1 A added to every current. Headline: runs of profiles that no fit used${hasOther(scored) ? "" : " (this dataset has none, so all runs)"}; mean over ambients of the mean over runs. Runs of training profiles at the left-out ambient stand in a row beside it. Circuit shape and tuning were chosen with all ambients at hand, which flatters this a little.`,
        inputs: {
          chemistry,
          files: files.map(({ sha256 }, i) => ({ file: training.files[i], sha256 })),
        },
        rows: rowsOf(scored, chemistry),
        items: scored.map((each): Facts => ({ ...each })),
      },
      predictions: {
        columns: ["id", "estimate"],
        rows: scored.map(({ id, start, rmse_pct }) => [`${id} ${start}`, rmse_pct]),
      },
    });
  },
};

function scoredRun(
  run: CellRun,
  o: { parameters: ReturnType<typeof fitFrom>; training: CellTraining },
): readonly Scored[] {
  const { ambient_degC, id } = run;
  const isTrainingProfile = o.training.isTraining(run);
  return starts.flatMap(({ name, disturbance }) => {
    const { parameters } = o;
    const { errors } = scoreRun(run, { parameters, estimator: "ekf", disturbance });
    if (errors === undefined) return [];
    const { rmse_pct, max_pct, within90 } = errors;
    return [{ ambient_degC, start: name, id, isTrainingProfile, rmse_pct, max_pct, within90 }];
  });
}

function hasOther(scored: readonly Scored[]): boolean {
  return scored.some(({ isTrainingProfile }) => !isTrainingProfile);
}

function rowsOf(scored: readonly Scored[], chemistry: Chemistry): readonly ReportRow[] {
  const ambients = [...new Set(scored.map(({ ambient_degC }) => ambient_degC))];
  const isHeadline = ({ isTrainingProfile }: Scored): boolean =>
    !hasOther(scored) || !isTrainingProfile;
  return starts.flatMap(({ name, goal }) => {
    const all = scored.filter(({ start }) => start === name);
    const own = all.filter(isHeadline);
    const row = (metric: string, values: readonly number[], its?: Goal): ReportRow =>
      reportRow({
        metric: `soc.left_out.${name}.${metric}`,
        ...{ unit: "pp", values: [mean(values)], goal: chemistry === "nmc" ? its : undefined },
      });
    const perAmbient = (of: (each: Scored) => number, from: readonly Scored[]): number[] =>
      ambients.map((at) => mean(from.filter(({ ambient_degC }) => ambient_degC === at).map(of)));
    const rmse = perAmbient(({ rmse_pct }) => rmse_pct, own);
    return [
      row("rmse_pp.mean", rmse, goal),
      row("max_pp.mean", perAmbient(({ max_pct }) => max_pct, own), maxGoal), // biome-ignore format: one line
      ...ambients.map((at, i) => row(`rmse_pp.at_${at}`, [rmse[i] ?? 0])),
      row(
        "all_runs.rmse_pp.mean",
        perAmbient(({ rmse_pct }) => rmse_pct, all),
      ),
    ];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
