import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, messageOf } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { type HorizonCard, modelCardFile, parseModelCard } from "../model/model-card.ts";
import type { OpenedModel } from "../model/opened-model.ts";
import { decodeSnapshots } from "../status/history-file.ts";

/** Opens a model; MODEL_MISSING, MODEL_CHANGED or MODEL_INVALID, never another model in its place. */
export async function openModel(folder: string): Promise<OpenedModel> {
  const card = parseModelCard(
    Buffer.from(readModelFile(folder, modelCardFile)).toString("utf8"),
    join(folder, modelCardFile),
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
  const sha256 = createHash("sha256").update(bytes).digest("hex");
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
