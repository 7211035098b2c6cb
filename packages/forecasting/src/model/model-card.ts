import { CodedError } from "@voltfog/runtime";
import type { Horizon } from "../features/walk-history.ts";
import type { NetworkPoint } from "../status/network-point.ts";
import { type StatusClass, statusClasses } from "../status/status-class.ts";

/** The card's name in a model's folder. */
export const modelCardFile = "model.json";

export const modelKinds = ["gbt", "rf", "ann", "knn", "lr", "svm"] as const;
export type ModelKind = (typeof modelKinds)[number];

/** Mean log-loss on the last part of the training time, of a model that had not learnt from it. */
export interface Validation {
  readonly model: number;
  readonly blend: number;
  /** The best of all baselines there. */
  readonly best: { readonly name: string; readonly logLoss: number };
  readonly rows: number;
}

/** One horizon's share of a model. */
export interface HorizonCard {
  readonly horizon_min: Horizon;
  /** ONNX file in the model's folder, and its SHA-256. */
  readonly file: string;
  readonly sha256: string;
  /** Rows learnt from, and the SHA-256 of their features, labels and times. */
  readonly rows: number;
  readonly rowsSha256: string;
  /** Weight of persistence in the blend, by class now. */
  readonly persistence: readonly number[];
  readonly validation: Validation | undefined;
  readonly detail: Readonly<Record<string, number>>;
}

/** model.json: what a model is, made of and good for. */
export interface ModelCard {
  readonly version: 1;
  readonly kind: ModelKind;
  readonly network: string;
  readonly classes: readonly StatusClass[];
  readonly zone_min: number;
  readonly halfLives: readonly number[];
  /** Names of the features in order: a server whose features differ refuses the model. */
  readonly features: readonly string[];
  readonly trainedFrom_ms: number;
  readonly trainedTo_ms: number;
  readonly seed: number;
  readonly data: readonly { readonly file: string; readonly sha256: string }[];
  readonly history: { readonly file: string; readonly sha256: string };
  readonly horizons: readonly HorizonCard[];
  readonly points: readonly NetworkPoint[];
}

/** The card in a JSON text; MODEL_INVALID where it is none that this version writes. Throws nothing else. */
export function parseModelCard(text: string, place: string): ModelCard {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    card = undefined;
  }
  if (isCard(card)) return card;
  throw new CodedError({
    code: "MODEL_INVALID",
    message: `${place} is not the card of an availability model, version 1`,
    remedy: "make one with: voltfog train availability --dataset belib --model gbt --out DIR",
  });
}

type Fields = Readonly<Record<string, unknown>>;

const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const sha256 = /^[0-9a-f]{64}$/;
const pointsMax = 100_000;

function isCard(value: unknown): value is ModelCard {
  if (!isFields(value)) return false;
  const { version, kind, network, zone_min, trainedFrom_ms, trainedTo_ms, history } = value;
  const { classes, features, halfLives, horizons, points } = value;
  return (
    version === 1 &&
    modelKinds.some((one) => one === kind) &&
    typeof network === "string" &&
    /^[a-z0-9-]{1,32}$/.test(network) &&
    [zone_min, trainedFrom_ms, trainedTo_ms].every(Number.isFinite) &&
    isFile(history) &&
    isListOf(classes, (one) => statusClasses.some((known) => known === one)) &&
    isListOf(features, (one) => typeof one === "string") &&
    isListOf(halfLives, Number.isFinite) &&
    isListOf(horizons, isHorizon) &&
    isListOf(points, isPoint)
  );
}

function isHorizon(value: unknown): boolean {
  if (!isFile(value)) return false;
  const { horizon_min, persistence, validation } = value as Fields;
  const isAhead =
    horizon_min === "next" || (Number.isFinite(horizon_min) && Number(horizon_min) > 0);
  return (
    isAhead &&
    isListOf(persistence, Number.isFinite) &&
    (validation === undefined || isValidation(validation))
  );
}

function isValidation(value: unknown): boolean {
  if (!isFields(value) || !isFields(value["best"])) return false;
  const { name, logLoss } = value["best"];
  return (
    [value["model"], value["blend"], value["rows"], logLoss].every(Number.isFinite) &&
    typeof name === "string"
  );
}

function isPoint(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { id, groups, power_kW, outlet, price_EURperkWh } = value;
  return (
    typeof id === "string" &&
    [power_kW, outlet, price_EURperkWh].every(Number.isFinite) &&
    isListOf(groups, (one) => typeof one === "string") &&
    groups.length === 3
  );
}

/** A file in the model's own folder. */
function isFile(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { file, sha256: hash } = value;
  return (
    typeof file === "string" && fileName.test(file) && typeof hash === "string" && sha256.test(hash)
  );
}

function isListOf(value: unknown, holds: (one: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= pointsMax && value.every(holds);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
