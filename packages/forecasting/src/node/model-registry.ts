import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { modelCardFile, parseModelCard } from "../model/model-card.ts";
import { memoryOfModel } from "../model/model-memory.ts";
import { openModel } from "./open-model.ts";

/** A model that a registry holds. */
export interface RegisteredModel {
  readonly network: string;
  readonly kind: string;
  /** SHA-256 of the card, which holds those of every file. */
  readonly hash: string;
  readonly folder: string;
}

const pointerFile = "current";

/**
 * Checks a model and makes it the one that serves its network. MODEL_WORSE where it was not better than the
 * best baseline on the rows that were held out, MODEL_INVALID where its features are not this version's, and
 * what opening a model says. Nothing changes then.
 */
export async function registerModel(o: {
  folder: string;
  registry: string;
}): Promise<RegisteredModel> {
  const { card, sessions } = await openModel(o.folder);
  for (const session of sessions) await session.close();
  memoryOfModel({ card, points: card.points });
  for (const { horizon_min, validation } of card.horizons) {
    if (validation !== undefined && validation.model < validation.best.logLoss) continue;
    const said =
      validation === undefined
        ? "was never compared with a baseline"
        : `has a log-loss of ${validation.model.toFixed(4)} on rows held out, ${validation.best.name} ${validation.best.logLoss.toFixed(4)}`;
    throw new CodedError({
      code: "MODEL_WORSE",
      message: `${card.kind} of ${card.network}, horizon ${horizon_min}, ${said}`,
      remedy: "train another kind, or leave the baseline in service",
    });
  }
  const hash = hashOf(o.folder);
  const place = join(o.registry, card.network);
  const folder = join(place, hash);
  if (!existsSync(folder)) {
    const fresh = `${folder}.new`;
    mkdirSync(place, { recursive: true });
    rmSync(fresh, { recursive: true, force: true });
    cpSync(o.folder, fresh, { recursive: true });
    renameSync(fresh, folder);
  }
  replaceFileSync(join(place, pointerFile), `${hash}\n`);
  return { network: card.network, kind: card.kind, hash, folder };
}

/** The model that serves a network; undefined where none was registered. MODEL_MISSING, MODEL_INVALID. */
export function currentModel(registry: string, network: string): RegisteredModel | undefined {
  const place = join(registry, network);
  if (!existsSync(join(place, pointerFile))) return undefined;
  const hash = readFileSync(join(place, pointerFile), "utf8").trim();
  const folder = join(place, hash);
  if (!/^[0-9a-f]{64}$/.test(hash) || !existsSync(join(folder, modelCardFile))) {
    throw new CodedError({
      code: "MODEL_MISSING",
      message: `${place} names a model that is not there`,
      remedy: "register it again: voltfog models register DIR",
    });
  }
  const card = parseModelCard(readFileSync(join(folder, modelCardFile), "utf8"), folder);
  return { network, kind: card.kind, hash, folder };
}

function hashOf(folder: string): string {
  return createHash("sha256")
    .update(readFileSync(join(folder, modelCardFile)))
    .digest("hex");
}
