import {
  baselineNames,
  type ClassScoreSummary,
  ClassScores,
  type HorizonCard,
  historyBetween,
  type NetworkHistory,
  noStatus,
  type OpenedModel,
} from "@voltfog/forecasting";
import { openModel } from "@voltfog/forecasting/node";
import { CodedError, type Facts, type ReportRow, reportRow } from "@voltfog/runtime";
import type { Evaluated, Evaluation } from "../evaluation/evaluation.ts";
import type { Predictions } from "../evaluation/predictions.ts";
import { forecastNetwork, type NetworkForecast } from "./forecast-network.ts";
import { loadNetwork } from "./load-network.ts";
import type { LoadedNetwork } from "./network-source.ts";

const splits = ["none", "random", "time"] as const;
type Split = (typeof splits)[number];

/** One row in so many is scored by the random split. */
const randomEvery = 5;

/** `voltfog evaluate availability`. */
export const availabilityEvaluation: Evaluation = {
  name: "availability",
  summary: "Score a model of charge-point status on a file of statuses, beside all baselines",
  flags: [
    {
      name: "model",
      value: "DIR",
      summary: "folder that train availability wrote",
      isRequired: true,
    },
    {
      name: "data",
      value: "FILE",
      summary: "status file of Belib or ESB, plain or .gz",
      isRequired: true,
    },
    {
      name: "split",
      value: splits.join("|"),
      summary:
        "rows to score: every row, every fifth by chance, or those after the training period",
      fallback: "none",
    },
  ],
  examples: [
    "voltfog evaluate availability --model models/belib --data status.csv.gz --split time",
    "voltfog evaluate availability --model models/esb --data status_15min.csv --json --predictions p.csv",
  ],
  run: async ({ flags, progress }) => {
    const split = splitOf(flags["split"]);
    const model = await openModel(flags["model"] ?? "");
    const network = loadNetwork({ file: flags["data"] ?? "", points: model.card.points });
    if (network.source.name !== model.card.network) throw otherNetwork(model, network);
    const history = scoredHistory({ network, model, split });
    const board = new ScoreBoard(model, split);
    const kept = new Map<string, Float32Array>();
    const total = history.snapshots.length * model.card.horizons.length;
    for await (const forecast of forecastNetwork({ model, network, history })) {
      board.add(forecast);
      kept.set(keyOf(forecast.target.at_ms, forecast.horizonIndex), forecast.model);
      const doing = new Date(forecast.target.at_ms).toISOString().slice(0, 16);
      if (kept.size % 64 === 0) progress({ done: kept.size, total, doing });
    }
    for (const session of model.sessions) await session.close();
    return {
      findings: findingsOf({ board, model, network, split }),
      predictions: predictionsOf({ model, network, kept, split }),
    };
  },
};

function splitOf(text: string | undefined): Split {
  const split = splits.find((one) => one === text);
  if (split !== undefined) return split;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: `--split is ${JSON.stringify(text ?? "")}`,
    remedy: `give one of ${splits.join(", ")}`,
  });
}

function otherNetwork(model: OpenedModel, network: LoadedNetwork): CodedError {
  return new CodedError({
    code: "MODEL_INVALID",
    message: `the model is of ${model.card.network}, the file of ${network.source.name}`,
    remedy: "score a model on the network that it was trained on",
  });
}

/** With the time split, what the model was trained on is no part of the history: it is in its memory. */
function scoredHistory(o: {
  network: LoadedNetwork;
  model: OpenedModel;
  split: Split;
}): NetworkHistory {
  if (o.split !== "time") return o.network.history;
  const history = historyBetween(o.network.history, { from_ms: o.model.card.trainedTo_ms + 1 });
  if (history.snapshots.length > 0) return history;
  throw new CodedError({
    code: "DATA_INVALID",
    message: "no row is later than the model's training period",
    remedy: "use --split none for such a file",
  });
}

/** Whether a row is one of the random split's. */
function isDrawn(at_ms: number, point: number): boolean {
  const mixed = Math.imul((at_ms / 60_000) ^ Math.imul(point + 1, 0x9e3779b1), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % randomEvery === 0;
}

const keyOf = (at_ms: number, horizonIndex: number): string => `${at_ms} ${horizonIndex}`;

/** Scores of the model and of every baseline, per horizon. */
class ScoreBoard {
  readonly split: Split;
  readonly #classCount: number;
  readonly #model: readonly ClassScores[];
  readonly #baselines: readonly (readonly ClassScores[])[];

  constructor({ card }: OpenedModel, split: Split) {
    const { length: classCount } = card.classes;
    this.split = split;
    this.#classCount = classCount;
    this.#model = card.horizons.map(() => new ClassScores(classCount));
    this.#baselines = card.horizons.map(() => baselineNames.map(() => new ClassScores(classCount)));
  }

  add(forecast: NetworkForecast): void {
    const { target, horizonIndex } = forecast;
    for (const [point, truth] of target.statuses.entries()) {
      if (truth === noStatus) continue;
      if (this.split === "random" && !isDrawn(target.at_ms, point)) continue;
      const at = point * this.#classCount;
      this.#model[horizonIndex]?.add({ truth, probabilities: forecast.model, at });
      for (const [i, probabilities] of forecast.baselines.entries()) {
        this.#baselines[horizonIndex]?.[i]?.add({ truth, probabilities, at });
      }
    }
  }

  model(horizonIndex: number): ClassScoreSummary | undefined {
    return this.#model[horizonIndex]?.summary();
  }

  baseline(horizonIndex: number, place: number): ClassScoreSummary | undefined {
    return this.#baselines[horizonIndex]?.[place]?.summary();
  }

  shares(horizonIndex: number): readonly number[] {
    return this.#model[horizonIndex]?.shares() ?? [];
  }
}

/** The figures that are rows, with their goals on Belib, whose goals are of the headline horizon. */
const metrics = [
  { name: "accuracy", of: (s: ClassScoreSummary) => s.accuracy },
  { name: "weighted_f1", of: (s: ClassScoreSummary) => s.weighted.f1 },
  { name: "macro_f1", of: (s: ClassScoreSummary) => s.macro.f1 },
  { name: "mcc", of: (s: ClassScoreSummary) => s.mcc },
  { name: "brier", of: (s: ClassScoreSummary) => s.brier },
  { name: "log_loss", of: (s: ClassScoreSummary) => s.logLoss },
  { name: "ece", of: (s: ClassScoreSummary) => s.ece },
] as const;

const goals = {
  belib: {
    "availability.accuracy": { sense: "at-least", goal: 0.702, moonshot: 0.715 },
    "availability.macro_f1": { sense: "at-least", goal: 0.805, moonshot: 0.82 },
    "availability.ece": { sense: "at-most", goal: 0.015 },
  },
  esb: {
    "availability.accuracy": { sense: "at-least", goal: 0.949 },
    "availability.ece": { sense: "at-most", goal: 0.01 },
  },
} as const;

function findingsOf(o: {
  board: ScoreBoard;
  model: OpenedModel;
  network: LoadedNetwork;
  split: Split;
}): Evaluated["findings"] {
  const { board, model, network, split } = o;
  const { card } = model;
  const own = goals[network.source.name];
  const rows: ReportRow[] = [];
  const row = (metric: string, value: number): void => {
    const goal = (own as Readonly<Record<string, (typeof own)[keyof typeof own]>>)[metric];
    rows.push(reportRow({ metric, unit: "ratio", values: [value], goal }));
  };
  const headline = board.model(0);
  for (const { name, of } of headline === undefined ? [] : metrics) {
    row(`availability.${name}`, of(headline as ClassScoreSummary));
    for (const [place, baseline] of baselineNames.entries()) {
      const summary = board.baseline(0, place);
      if (summary !== undefined) row(`availability.baseline.${baseline}.${name}`, of(summary));
    }
  }
  return {
    method: methodOf({ model, split }),
    inputs: {
      network: card.network,
      kind: card.kind,
      split,
      rows: headline?.rows ?? 0,
      classes: card.classes,
      trainedTo: new Date(card.trainedTo_ms).toISOString(),
      trainingData: card.data,
      features: card.features.length,
      goals: own,
    },
    rows,
    items: card.horizons.map((horizon, i) => itemOf({ board, horizon, i, model })),
  };
}

function methodOf({ model, split }: { model: OpenedModel; split: Split }): string {
  const { card } = model;
  const scored = {
    none: "Every row of the file is scored",
    random: "Every fifth row by chance is scored",
    time: "Rows after the training period are scored",
  }[split];
  const [first] = card.horizons;
  const headline =
    first?.horizon_min === "next"
      ? "the next snapshot from the one before it"
      : `${first?.horizon_min} minutes ahead`;
  return `${scored}; the rows above are for ${headline}, items hold every horizon. A forecast knows the training period and the file's statuses up to its present, never later ones nor a row's own last_updated. Weighted F1 and macro F1 are averages of the classes' F1; items also hold F1 of the averages. Brier sums over classes (0 to 2). Baselines know the same.`;
}

function itemOf(o: {
  board: ScoreBoard;
  horizon: HorizonCard;
  i: number;
  model: OpenedModel;
}): Facts {
  const { board, i } = o;
  const model = board.model(i);
  const baselines = baselineNames.map((name, place) => [name, board.baseline(i, place)] as const);
  const briers = baselines.flatMap(([, summary]) => (summary === undefined ? [] : [summary.brier]));
  const best = Math.min(...briers);
  return {
    horizon_min: o.horizon.horizon_min,
    model,
    baselines: Object.fromEntries(baselines),
    bestBaseline: baselines.find(([, summary]) => summary?.brier === best)?.[0],
    brierSkill: model === undefined ? undefined : 1 - model.brier / best,
    shares: Object.fromEntries(
      o.model.card.classes.map((name, c) => [name, board.shares(i)[c] ?? 0]),
    ),
  };
}

function predictionsOf(o: {
  model: OpenedModel;
  network: LoadedNetwork;
  kept: ReadonlyMap<string, Float32Array>;
  split: Split;
}): Predictions {
  const { classes } = o.model.card;
  return {
    columns: ["id", "ts_local", "horizon_min", ...classes.map((name) => `p_${name}` as const)],
    rows: { [Symbol.iterator]: () => predictionRows(o) },
  };
}

/** Row by row of the file, then by horizon. */
function* predictionRows(o: {
  model: OpenedModel;
  network: LoadedNetwork;
  kept: ReadonlyMap<string, Float32Array>;
  split: Split;
}): Generator<readonly (string | number | undefined)[], void, undefined> {
  const { network } = o;
  const { classes, horizons } = o.model.card;
  for (const { snapshot, point } of network.rows) {
    const at_ms = network.history.snapshots[snapshot]?.at_ms ?? 0;
    if (o.split === "random" && !isDrawn(at_ms, point)) continue;
    const place = [network.points[point]?.id ?? "", network.source.timeText(at_ms)];
    for (const [i, { horizon_min }] of horizons.entries()) {
      const first = point * classes.length;
      const shown = o.kept.get(keyOf(at_ms, i))?.subarray(first, first + classes.length);
      if (shown !== undefined) {
        yield [...place, horizon_min === "next" ? undefined : horizon_min, ...shown];
      }
    }
  }
}
