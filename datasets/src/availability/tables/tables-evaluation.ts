import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { historyBetween, type ModelKind } from "@voltfog/forecasting";
import { type Clock, type Facts, type ReportRow, reportRow } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { datasetRoot } from "../../dataset-root.ts";
import type { Evaluated, Evaluation, ShowProgress } from "../../evaluation/evaluation.ts";
import { loadNetwork, networkSources, readDataText } from "../load-network.ts";
import type { NetworkSource } from "../network-source.ts";
import { baselines, fittedModel, type ScoredModel, type TimedModel } from "../scored-model.ts";
import { type RowSplit, randomSplit, timeSplit, without } from "../split-rows.ts";
import { type TrainingRows, trainingRows } from "../training-rows.ts";
import { publishedFigures } from "./published-figures.ts";
import {
  type HorizonSkill,
  type NetworkTables,
  type PointPanel,
  tablesPage,
} from "./tables-page.ts";

/** The five of the published tables, in their order. */
const publishedKinds: readonly ModelKind[] = ["ann", "knn", "lr", "rf", "svm"];
const honestKinds: readonly ModelKind[] = [...publishedKinds, "gbt"];

/** What a feature is of, by its name. Traffic and weather are in no public file: absent. */
const groups: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["status now and its age", /^(now |class before|minutes |hour of update)/],
  ["lags", /(snapshots ago|same time)/],
  ["habits", /^(share |usual stay|stay so far|part of usual|change rate|log observations)/],
  ["other points", /^(others at level|network )/],
  ["calendar", /^(hour|weekday)$/],
  ["power", /^power$/],
  ["outlet type", /^outlet$/],
  ["price per kWh", /^price$/],
];

const method =
  "Track P repeats what the published tables read like: rows split by chance, four fifths to learn from, so that the rows before and after a " +
  "scored one are learnt from. Leaky by construction; its figures say nothing about service. Track H is honest: rows after a time are scored " +
  "by models of the rows before it (Belib': from 9 February 2023; ESB: the last quarter, three days apart), and every feature is older than its target. " +
  "Belib' has snapshots twice or three times a day, so its horizon is the next one; ESB ecars of Ireland stands in for Enefit VOLT, of which no public history " +
  "exists, 15 minutes ahead. Weighted averages over classes; F1 is the average of the classes' F1, F1 of averages the harmonic mean of the two columns beside " +
  "it: ANN and kNN are printed so, LR and RF are not. Rows are thinned by chance where there are more than rowsMax. Predictions are timed one point at a time through ONNX.";

/** `voltfog evaluate tables`: the published tables, an honest one, and what each feature is worth. */
export const tablesEvaluation: Evaluation = {
  name: "tables",
  summary: "Make the two published tables of charger availability again, and an honest one",
  flags: [
    {
      name: "datasets",
      value: "DIR",
      summary: "folder of the datasets; the shipped ones unless told, which hold Belib' alone",
    },
    { name: "page", value: "FILE", summary: "where the page goes", fallback: "tables.html" },
    { name: "seed", value: "N", summary: "seed of every draw", fallback: "1" },
  ],
  examples: ["voltfog evaluate tables --datasets DIR --page tables.html"],
  async run({ flags, clock, isQuick, progress }): Promise<Evaluated> {
    const root = datasetRoot({ flag: flags["datasets"], environment: process.env });
    const seed = Number(flags["seed"]) || 1;
    const rowsMax = isQuick ? 8000 : 60_000;
    const made: NetworkTables[] = [];
    for (const source of networkSources) {
      const tables = await networkTables(source, { root, seed, rowsMax, clock, progress });
      if (tables !== undefined) made.push(tables);
    }
    const page = flags["page"] ?? "tables.html";
    mkdirSync(dirname(page), { recursive: true });
    replaceFileSync(page, tablesPage(made, method));
    return {
      findings: {
        method,
        inputs: { seed, rowsMax, isQuick, networks: made.map(({ network }) => network) },
        rows: made.flatMap(rowsOf),
        items: made.flatMap(itemsOf),
      },
      predictions: { columns: ["id", "estimate"], rows: made.flatMap(shareRows) },
    };
  },
};

/** Undefined where the folder does not hold the network. */
async function networkTables(
  source: NetworkSource,
  o: { root: string; seed: number; rowsMax: number; clock: Clock; progress: ShowProgress },
): Promise<NetworkTables | undefined> {
  const folder = join(o.root, source.folder);
  const rows = readRows(source, folder);
  if (rows === undefined) return undefined;
  const steps = publishedKinds.length + honestKinds.length + groups.length + rows.horizons.length;
  let done = 0;
  const said = (doing: string): void =>
    o.progress({ done: done++, total: steps, doing: `${source.name}: ${doing}` });
  const leaky = randomSplit(rows.all, o);
  const border = source.trainTo_ms === undefined ? {} : { border_ms: source.trainTo_ms };
  const honest = timeSplit(rows.all, { ...o, ...border });
  const trackP: TimedModel[] = [];
  for (const kind of publishedKinds) {
    said(`${kind}, split by chance`);
    trackP.push(await fittedModel(kind, leaky, o));
  }
  const trackH: TimedModel[] = [];
  for (const kind of honestKinds) {
    said(`${kind}, split by time`);
    trackH.push(await fittedModel(kind, honest, o));
  }
  const ablation: { left: string; brier: number; features: number }[] = [];
  for (const [left, pattern] of groups) {
    said(`without ${left}`);
    ablation.push(await ablated(honest, { left, pattern, ...o }));
  }
  const ahead: HorizonSkill[] = [];
  for (const horizon of rows.horizons) {
    said(`gbt, ${horizon.horizon_min} ahead`);
    ahead.push(await skillOf(timeSplit(horizon, { ...o, ...border }), o));
  }
  return {
    network: source.name,
    classes: source.classes,
    ahead,
    published: publishedFigures[source.name],
    rows: { leaky: leaky.train.table.rowCount, honest: honest.train.table.rowCount },
    trackP,
    trackPBaselines: baselines(leaky).filter(({ name }) => name === "majority"),
    trackH,
    trackHBaselines: baselines(honest),
    ablation,
    panels: panelsOf(trackH[0], honest, rows.pointIds),
  };
}

function readRows(
  source: NetworkSource,
  folder: string,
):
  | {
      readonly all: TrainingRows;
      readonly horizons: readonly TrainingRows[];
      readonly pointIds: readonly string[];
    }
  | undefined {
  let pointsText: string;
  try {
    pointsText = readDataText(join(folder, source.pointsFile));
  } catch {
    return undefined;
  }
  const points = source.readPoints(pointsText);
  const network = loadNetwork({ file: join(folder, source.statusFile), points });
  const history = historyBetween(network.history, {});
  const horizons = trainingRows({ source, points: network.points, history });
  const [all] = horizons;
  return all && { all, horizons, pointIds: network.points.map(({ id }) => id) };
}

/** Boosted trees against the best baseline by the Brier score. */
async function skillOf(split: RowSplit, o: { seed: number; clock: Clock }): Promise<HorizonSkill> {
  const { scores } = await fittedModel("gbt", split, o);
  const [best] = baselines(split).toSorted((a, b) => a.scores.brier - b.scores.brier);
  const brier = best?.scores.brier ?? Number.NaN;
  return {
    horizon_min: split.test.horizon_min,
    brier: scores.brier,
    ece: scores.ece,
    best: best?.name ?? "none",
    bestBrier: brier,
    skill: 1 - scores.brier / brier,
  };
}

/** Logistic regression without some features: quick, and it has no way to make up for a lost one. */
async function ablated(
  split: RowSplit,
  o: { left: string; pattern: RegExp; seed: number; clock: Clock },
): Promise<{ left: string; brier: number; features: number }> {
  const isLeftOut = (name: string): boolean => o.pattern.test(name);
  const train = without(split.train, isLeftOut);
  const test = without(split.test, isLeftOut);
  const { scores } = await fittedModel("lr", { train, test }, o);
  const features = split.train.table.names.filter(isLeftOut).length;
  return { left: o.left, brier: scores.brier, features };
}

/** Five points as the published figures show five: from the surest prediction to the least sure. */
function panelsOf(
  model: TimedModel | undefined,
  { test }: RowSplit,
  pointIds: readonly string[],
): readonly PointPanel[] {
  if (model === undefined) return [];
  const { classCount } = test.tables;
  const sharesOf = (row: number): readonly number[] => [
    ...model.shares.subarray(row * classCount, (row + 1) * classCount),
  ];
  const bySureness = Array.from(test.labels, (_, row) => row).sort(
    (a, b) => Math.max(...sharesOf(b)) - Math.max(...sharesOf(a)),
  );
  return [0.02, 0.3, 0.55, 0.8, 0.98].map((part) => {
    const row = bySureness[Math.floor(part * (bySureness.length - 1))] ?? 0;
    return {
      pointId: pointIds[test.points[row] ?? 0] ?? "",
      at_ms: test.target_ms[row] ?? 0,
      truth: test.labels[row] ?? 0,
      shares: sharesOf(row),
    };
  });
}

function rowsOf({
  network,
  ahead,
  trackP,
  trackH,
  trackHBaselines,
}: NetworkTables): readonly ReportRow[] {
  const row = (metric: string, unit: string, value: number): ReportRow =>
    reportRow({ metric, unit, values: [value], goal: goals[metric] });
  const track = (name: string, models: readonly ScoredModel[]): readonly ReportRow[] =>
    models.flatMap(({ name: model, scores }) => [
      row(`tables.${network}.${name}.${model}.weighted_f1`, "ratio", scores.weighted.f1),
      row(`tables.${network}.${name}.${model}.accuracy`, "ratio", scores.accuracy),
    ]);
  return [
    ...track("p", trackP),
    ...track("h", trackH),
    ...track("h.baseline", trackHBaselines),
    ...ahead.flatMap(({ horizon_min, skill, ece }) => [
      row(`tables.${network}.brier_skill.${horizon_min}`, "ratio", skill),
      row(`tables.${network}.ece.${horizon_min}`, "ratio", ece),
    ]),
    ...trackH.map(({ name, predict_ms }) =>
      row(`predict_ms.${network}.${name}`, "ms", predict_ms.p99),
    ),
  ];
}

const predictGoal = { sense: "at-most", goal: 5 } as const;
const goals: Readonly<Record<string, Parameters<typeof reportRow>[0]["goal"]>> = {
  "tables.esb.p.rf.weighted_f1": { sense: "at-least", goal: 0.954 },
  ...Object.fromEntries(
    [
      [15, 0.08, 0.01, 0.13],
      [60, 0.15, 0.01, 0.2],
      [180, 0.135, 0.02, 0.18],
      [360, 0.125, 0.02, 0.18],
      [1440, 0.06, 0.02, 0.12],
    ].flatMap(([ahead_min = 0, goal = 0, ece = 0, moonshot = 0]) => [
      [`tables.esb.brier_skill.${ahead_min}`, { sense: "at-least", goal, moonshot }],
      [`tables.esb.ece.${ahead_min}`, { sense: "at-most", goal: ece }],
    ]),
  ),
  ...Object.fromEntries(
    networkSources.flatMap(({ name }) =>
      honestKinds.map((kind) => [`predict_ms.${name}.${kind}`, predictGoal]),
    ),
  ),
};

function itemsOf(tables: NetworkTables): readonly Facts[] {
  const { network, ahead, trackP, trackPBaselines, trackH, trackHBaselines, ablation } = tables;
  const facts = (track: string, models: readonly (ScoredModel & Partial<TimedModel>)[]): Facts[] =>
    models.map(({ name, scores, fit_s, predict_ms }) => ({
      ...{ network, track, model: name, scores },
      ...(fit_s === undefined ? {} : { fit_s, predict_ms }),
    }));
  return [
    ...facts("P", [...trackPBaselines, ...trackP]),
    ...facts("H", [...trackHBaselines, ...trackH]),
    ...ahead.map((one): Facts => ({ network, track: "ahead", model: "gbt", ...one })),
    ...ablation.map((one): Facts => ({ network, track: "ablation", ...one })),
  ];
}

function shareRows({ network, trackH }: NetworkTables): readonly (readonly [string, number])[] {
  return trackH.map(({ name, scores }) => [`${network}/${name}`, scores.accuracy] as const);
}
