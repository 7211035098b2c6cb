import { CodedError } from "@voltfog/runtime";
import type { Horizon } from "../features/walk-history.ts";
import type { NetworkPoint } from "../status/network-point.ts";
import type { StatusClass } from "../status/status-class.ts";

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

/** The card in a JSON text; MODEL_INVALID where it is none that this version writes. */
export function parseModelCard(text: string, place: string): ModelCard {
  let card: Partial<ModelCard>;
  try {
    card = JSON.parse(text) as Partial<ModelCard>;
  } catch {
    card = {};
  }
  const isCard =
    card.version === 1 &&
    modelKinds.some((kind) => kind === card.kind) &&
    [card.classes, card.features, card.horizons, card.points, card.halfLives].every(
      Array.isArray,
    ) &&
    typeof card.history?.sha256 === "string" &&
    Number.isFinite(card.trainedTo_ms);
  if (isCard) return card as ModelCard;
  throw new CodedError({
    code: "MODEL_INVALID",
    message: `${place} is not the card of an availability model, version 1`,
    remedy: "make one with: voltfog train availability --dataset belib --model gbt --out DIR",
  });
}
