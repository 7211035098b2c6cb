import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, type Facts, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { OnnxModel } from "@voltfog/runtime/onnx";
import { sha256Hex } from "./hashes.ts";

/** One ONNX file of a model. */
export interface ModelPart {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  /** Columns of its input, in order. */
  readonly features: readonly string[];
  /** What the estimate needs beside the graph: scales, interval widths. */
  readonly serving: Readonly<Record<string, number>>;
}

/** model.json: what was trained, on what, how it was split and how well it did. */
export interface ModelCard {
  readonly format: 1;
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  readonly datasets: readonly {
    readonly id: string;
    readonly file: string;
    readonly sha256: string;
  }[];
  readonly parts: readonly ModelPart[];
  /** How many rows of which groups, and the SHA-256 of their features and targets; per part. */
  readonly training: readonly Facts[];
  readonly split: string;
  readonly options: Facts;
  readonly metrics: readonly Facts[];
}

export type PartBytes = Omit<ModelPart, "sha256" | "file"> & { readonly bytes: Uint8Array };

/** Writes model.json and one ONNX file per part. The same content gives the same bytes. */
export function writeModel(o: {
  folder: string;
  card: Omit<ModelCard, "format" | "parts">;
  parts: readonly PartBytes[];
}): ModelCard {
  mkdirSync(o.folder, { recursive: true });
  const parts = o.parts.map(({ bytes, name, features, serving }): ModelPart => {
    const file = `${name}.onnx`;
    replaceFileSync(join(o.folder, file), bytes);
    return { name, file, sha256: sha256Hex([bytes]), features, serving };
  });
  const card: ModelCard = { format: 1, ...o.card, parts };
  replaceFileSync(join(o.folder, "model.json"), `${JSON.stringify(card, null, 1)}\n`);
  return card;
}

/** The folder of the model that is shipped for a task; the same from the sources and from the build. */
export function defaultModelFolder(task: string): string {
  return fileURLToPath(new URL(`../../models/${task}`, import.meta.url));
}

/** A model's card with its graphs ready to run. MODEL_MISSING or MODEL_UNREADABLE otherwise. */
export async function openModel(o: {
  task: string;
  /** Folder of another model than the shipped one. */
  folder: string | undefined;
}): Promise<{ card: ModelCard; graphs: ReadonlyMap<string, OnnxModel> }> {
  const folder = o.folder ?? defaultModelFolder(o.task);
  const card = readCard(folder, o.task);
  const { OnnxModel } = await import("@voltfog/runtime/onnx");
  const graphs = new Map<string, OnnxModel>();
  for (const part of card.parts) {
    const bytes = readModelFile(join(folder, part.file));
    if (sha256Hex([bytes]) !== part.sha256) {
      throw unreadable(join(folder, part.file), "its SHA-256 is not what model.json says");
    }
    graphs.set(part.name, await OnnxModel.open({ name: part.file, bytes }));
  }
  return { card, graphs };
}

function readCard(folder: string, task: string): ModelCard {
  const path = join(folder, "model.json");
  const text = new TextDecoder().decode(readModelFile(path));
  let card: Partial<ModelCard>;
  try {
    card = JSON.parse(text) as Partial<ModelCard>;
  } catch (thrown) {
    throw unreadable(path, messageOf(thrown));
  }
  if (card.format !== 1 || card.task !== task || !Array.isArray(card.parts)) {
    throw unreadable(path, `it describes no model of format 1 for ${task}`);
  }
  return card as ModelCard;
}

function readModelFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new CodedError({
      code: "MODEL_MISSING",
      message: `${path} cannot be read: ${messageOf(thrown)}`,
      remedy: "name a folder that voltfog train wrote, or leave --model away for the shipped model",
      cause: thrown,
    });
  }
}

function unreadable(path: string, detail: string): CodedError {
  return new CodedError({
    code: "MODEL_UNREADABLE",
    message: `${path}: ${detail}`,
    remedy: "train the model again, or restore its folder",
  });
}
