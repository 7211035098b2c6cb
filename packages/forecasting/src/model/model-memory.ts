import { CodedError } from "@voltfog/runtime";
import type { FeatureWriter } from "../features/feature-writer.ts";
import type { NetworkMemory } from "../features/network-memory.ts";
import type { NetworkSnapshot } from "../status/network-history.ts";
import type { NetworkPoint } from "../status/network-point.ts";
import { noStatus } from "../status/status-class.ts";
import type { ModelCard } from "./model-card.ts";
import { emptyMemory } from "./network-frame.ts";
import type { OpenedModel } from "./opened-model.ts";

const day_ms = 86_400_000;

/** An empty memory for a model, and its features; MODEL_INVALID where this version computes others. */
export function memoryOfModel(o: { card: ModelCard; points: readonly NetworkPoint[] }): {
  memory: NetworkMemory;
  writer: FeatureWriter;
} {
  const opened = emptyMemory({ ...o.card, points: o.points });
  if (opened.writer.names.join() === o.card.features.join()) return opened;
  throw foreignFeatures();
}

/**
 * What the memory begins with. A history that begins within the training period gets nothing: it would
 * see its own future. One from before it gets the training period moved back by whole days.
 */
export function priorSnapshots(
  { card, snapshots }: OpenedModel,
  o: { first_ms: number; pointCount: number },
): readonly NetworkSnapshot[] {
  const { first_ms } = o;
  if (first_ms >= card.trainedFrom_ms && first_ms <= card.trainedTo_ms) return [];
  const late_ms = card.trainedTo_ms - first_ms;
  const moved_ms = late_ms < 0 ? 0 : (Math.floor(late_ms / day_ms) + 1) * day_ms;
  return snapshots.map((snapshot) => {
    const wide = widenedSnapshot(snapshot, o.pointCount);
    if (moved_ms === 0) return wide;
    return {
      ...wide,
      at_ms: wide.at_ms - moved_ms,
      ...(wide.updated_ms && { updated_ms: wide.updated_ms.map((time_ms) => time_ms - moved_ms) }),
    };
  });
}

/** A snapshot with room for points that the model did not know. */
export function widenedSnapshot(snapshot: NetworkSnapshot, pointCount: number): NetworkSnapshot {
  const statuses = new Uint8Array(pointCount).fill(noStatus);
  statuses.set(snapshot.statuses);
  if (snapshot.updated_ms === undefined) return { at_ms: snapshot.at_ms, statuses };
  const updated_ms = new Float64Array(pointCount).fill(Number.NaN);
  updated_ms.set(snapshot.updated_ms);
  return { at_ms: snapshot.at_ms, statuses, updated_ms };
}

function foreignFeatures(): CodedError {
  return new CodedError({
    code: "MODEL_INVALID",
    message: "the model was trained on other features than this version computes",
    remedy: "train it again with this version",
  });
}
