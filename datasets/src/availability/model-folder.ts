import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSnapshots, type NetworkSnapshot } from "@voltfog/forecasting";
import { CodedError, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { sha256Hex } from "../learning/hashes.ts";
import { type HorizonCard, type ModelCard, parseModelCard } from "./model-card.ts";

const cardFile = "model.json";

/** Writes the files, then the card that names them: a folder with a card is whole. */
export function saveModel(
  folder: string,
  o: { card: ModelCard; files: ReadonlyMap<string, Uint8Array> },
): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of o.files) replaceFileSync(join(folder, name), bytes);
  replaceFileSync(join(folder, cardFile), `${JSON.stringify(o.card, null, 1)}\n`);
}

/** A model whose files were all found unchanged. */
export interface OpenedModel {
  readonly card: ModelCard;
  /** What the model was trained on: it fills the memory before the first forecast. */
  readonly snapshots: readonly NetworkSnapshot[];
  /** In the order of the card's horizons. */
  readonly sessions: readonly OnnxModel[];
}

/** Opens a model; MODEL_MISSING, MODEL_CHANGED or MODEL_INVALID, never another model in its place. */
export async function openModel(folder: string): Promise<OpenedModel> {
  const card = parseModelCard(
    Buffer.from(readModelFile(folder, cardFile)).toString("utf8"),
    join(folder, cardFile),
  );
  const history = decodeSnapshots(readUnchanged(folder, card.history));
  if (!history.ok) {
    throw new CodedError({
      code: "MODEL_INVALID",
      message: `${join(folder, card.history.file)}: ${history.problem.detail}`,
      remedy: "train the model again",
    });
  }
  const sessions: OnnxModel[] = [];
  for (const horizon of card.horizons) {
    sessions.push(
      await OnnxModel.open({ name: horizon.file, bytes: readUnchanged(folder, horizon) }),
    );
  }
  return { card, snapshots: history.value, sessions };
}

function readUnchanged(folder: string, listed: Pick<HorizonCard, "file" | "sha256">): Uint8Array {
  const bytes = readModelFile(folder, listed.file);
  const sha256 = sha256Hex([bytes]);
  if (sha256 === listed.sha256) return bytes;
  throw new CodedError({
    code: "MODEL_CHANGED",
    message: `${join(folder, listed.file)} has SHA-256 ${sha256}, its card says ${listed.sha256}`,
    remedy: "restore the file, or train the model again",
  });
}

function readModelFile(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (thrown) {
    throw new CodedError({
      code: "MODEL_MISSING",
      message: `${join(folder, name)} cannot be read: ${messageOf(thrown)}`,
      remedy: "name the folder that voltfog train availability wrote",
      cause: thrown,
    });
  }
}
