import { join } from "node:path";
import {
  encodeSnapshots,
  type HorizonCard,
  historyBetween,
  type ModelCard,
  type ModelKind,
  modelKinds,
  type Validation,
} from "@voltfog/forecasting";
import { type Clock, CodedError } from "@voltfog/runtime";
import type { Trainer } from "../evaluation/evaluation.ts";
import { sha256Hex } from "../learning/hashes.ts";
import { fitHorizon, rowsSha256 } from "./fit-model.ts";
import { loadNetwork, networkSources, readDataText } from "./load-network.ts";
import { saveModel } from "./model-folder.ts";
import type { NetworkSource } from "./network-source.ts";
import { baselines, fittedModel } from "./scored-model.ts";
import { timeSplit } from "./split-rows.ts";
import { type TrainingRows, trainingRows } from "./training-rows.ts";

/** Enough to tell a good model from a bad one. */
const validationRowsMax = 40_000;
const historyFile = "history.bin";

/** `voltfog train availability`. */
export const availabilityTrainer: Trainer = {
  name: "availability",
  summary: "Fit a model of charge-point status to a network's public history",
  flags: [
    {
      name: "dataset",
      value: "belib|esb",
      summary: "the network to learn from",
      isRequired: true,
    },
    { name: "model", value: modelKinds.join("|"), summary: "kind of model", fallback: "gbt" },
    { name: "seed", value: "N", summary: "seed of every draw", fallback: "1" },
  ],
  run: async ({ flags, datasets, out, progress, clock }) => {
    const source = sourceOf(flags["dataset"]);
    const kind = kindOf(flags["model"]);
    const seed = seedOf(flags["seed"]);
    progress({ done: 0, total: 1, doing: `reading ${source.folder}` });
    const read = readTraining(source, datasets);
    const files = new Map<string, Uint8Array>([[historyFile, read.snapshots]]);
    const horizons: HorizonCard[] = [];
    for (const [i, rows] of read.rows.entries()) {
      const name = `horizon-${rows.horizon_min}.onnx`;
      const fitted = fitHorizon(kind, rows, {
        seed,
        onStep: (done, total) =>
          progress({
            done: i * total + done,
            total: read.rows.length * total,
            doing: `${kind}, horizon ${horizonText(rows)}, ${rows.table.rowCount} rows`,
          }),
      });
      files.set(name, fitted.onnx);
      const validation = await validated(kind, rows, { seed, clock, heldOut: fitted.heldOut });
      horizons.push(horizonCard({ rows, name, fitted, validation }));
    }
    const card = cardOf({ source, kind, seed, read, horizons });
    saveModel(out, { card, files });
    return summaryLines(card);
  },
};

/** How the kind does on the last quarter, beside what needs no training. */
async function validated(
  kind: ModelKind,
  rows: TrainingRows,
  o: { seed: number; clock: Clock; heldOut: ReturnType<typeof fitHorizon>["heldOut"] },
): Promise<Validation> {
  const border_ms = rows.target_ms[Math.floor(0.75 * rows.table.rowCount)] ?? 0;
  const split = timeSplit(rows, { border_ms, rowsMax: validationRowsMax, seed: o.seed });
  const others = baselines(split).map(({ name, scores }) => ({ name, logLoss: scores.logLoss }));
  const [best = { name: "none", logLoss: Number.POSITIVE_INFINITY }] = others.toSorted(
    (a, b) => a.logLoss - b.logLoss,
  );
  const model = o.heldOut?.model ?? (await fittedModel(kind, split, o)).scores.logLoss;
  const blend = others.find(({ name }) => name === "blend")?.logLoss ?? best.logLoss;
  return { model, blend, best, rows: split.test.table.rowCount };
}

function sourceOf(name: string | undefined): NetworkSource {
  const source = networkSources.find((one) => one.name === name);
  if (source !== undefined) return source;
  const names = networkSources.map((one) => one.name).join(", ");
  throw badFlag("dataset", name, `one of ${names}`);
}

function kindOf(name: string | undefined): ModelKind {
  const kind = modelKinds.find((one) => one === name);
  if (kind !== undefined) return kind;
  throw badFlag("model", name, `one of ${modelKinds.join(", ")}`);
}

function seedOf(text: string | undefined): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw badFlag("seed", text, "a whole number from 0 to 4294967295");
}

function badFlag(name: string, value: string | undefined, wanted: string): CodedError {
  return new CodedError({
    code: "FLAG_INVALID",
    message: `--${name} is ${JSON.stringify(value ?? "")}`,
    remedy: `give ${wanted}`,
  });
}

/** The part of a dataset that is learnt from. */
interface TrainingData {
  readonly rows: readonly TrainingRows[];
  readonly snapshots: Uint8Array;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly files: ModelCard["data"];
  readonly points: ModelCard["points"];
}

function readTraining(source: NetworkSource, root: string): TrainingData {
  const pathOf = (file: string): string => join(root, source.folder, file);
  const pointsText = readDataText(pathOf(source.pointsFile));
  const points = source.readPoints(pointsText);
  const statusFile = pathOf(source.statusFile);
  const network = loadNetwork({ file: statusFile, points });
  const history = historyBetween(network.history, { to_ms: source.trainTo_ms ?? Infinity });
  const { snapshots } = history;
  return {
    rows: trainingRows({ source, points: network.points, history }),
    snapshots: encodeSnapshots(snapshots),
    from_ms: snapshots[0]?.at_ms ?? 0,
    to_ms: snapshots.at(-1)?.at_ms ?? 0,
    files: [
      { file: source.statusFile, sha256: sha256Hex([Buffer.from(readDataText(statusFile))]) },
      { file: source.pointsFile, sha256: sha256Hex([Buffer.from(pointsText)]) },
    ],
    points: network.points,
  };
}

function horizonCard(o: {
  rows: TrainingRows;
  name: string;
  fitted: ReturnType<typeof fitHorizon>;
  validation: Validation;
}): HorizonCard {
  const { rows, fitted, validation } = o;
  return {
    horizon_min: rows.horizon_min,
    file: o.name,
    sha256: sha256Hex([fitted.onnx]),
    rows: rows.table.rowCount,
    rowsSha256: rowsSha256(rows),
    persistence: [...rows.tables.persistence],
    validation,
    detail: fitted.detail,
  };
}

function cardOf(o: {
  source: NetworkSource;
  kind: ModelKind;
  seed: number;
  read: TrainingData;
  horizons: readonly HorizonCard[];
}): ModelCard {
  const { source, read } = o;
  return {
    version: 1,
    kind: o.kind,
    network: source.name,
    classes: source.classes,
    zone_min: source.zone_min,
    halfLives: source.halfLives,
    features: read.rows[0]?.table.names ?? [],
    trainedFrom_ms: read.from_ms,
    trainedTo_ms: read.to_ms,
    seed: o.seed,
    data: read.files,
    history: { file: historyFile, sha256: sha256Hex([read.snapshots]) },
    horizons: o.horizons,
    points: read.points,
  };
}

function horizonText({ horizon_min }: TrainingRows): string {
  return horizon_min === "next" ? "next snapshot" : `${horizon_min} min`;
}

function summaryLines(card: ModelCard): readonly string[] {
  const day = (time_ms: number): string => new Date(time_ms).toISOString().slice(0, 16);
  return [
    `${card.kind} of ${card.network}: ${day(card.trainedFrom_ms)} to ${day(card.trainedTo_ms)}, ${card.points.length} points, ${card.features.length} features`,
    ...card.horizons.map(({ horizon_min, rows, validation }) => {
      const scored =
        validation === undefined
          ? ""
          : `, log-loss on the last quarter ${validation.model.toFixed(4)} (${validation.best.name} ${validation.best.logLoss.toFixed(4)})`;
      return `horizon ${horizon_min}: ${rows} rows used${scored}`;
    }),
  ];
}
