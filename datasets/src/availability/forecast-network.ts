import {
  BaselineForecast,
  baselineNames,
  type HorizonTables,
  HorizonTablesBuilder,
  type NetworkHistory,
  type NetworkMemory,
  type NetworkSnapshot,
  noStatus,
  walkHistory,
  writeBlendStart,
} from "@voltfog/forecasting";
import { CodedError } from "@voltfog/runtime";
import type { OpenedModel } from "./model-folder.ts";
import { openMemory } from "./network-frame.ts";
import type { LoadedNetwork, NetworkPoint } from "./network-source.ts";

const day_ms = 86_400_000;

/** Class probabilities of all points for one target and horizon, row by row of points. */
export interface NetworkForecast {
  readonly targetIndex: number;
  readonly horizonIndex: number;
  readonly target: NetworkSnapshot;
  readonly model: Float32Array;
  /** In the order of `baselineNames`. */
  readonly baselines: readonly Float32Array[];
}

/**
 * Forecasts every snapshot of a history at every horizon of a model, in the order of the presents. The
 * memory begins with what the model was trained on, unless the history is part of that.
 */
export async function* forecastNetwork(o: {
  model: OpenedModel;
  network: LoadedNetwork;
  history: NetworkHistory;
}): AsyncGenerator<NetworkForecast> {
  const { card, sessions } = o.model;
  const { points } = o.network;
  const classCount = card.classes.length;
  const { memory, writer } = openMemory({ ...card, points });
  if (writer.names.join() !== card.features.join()) throw foreignFeatures();
  const tables = trainedTables(o.model, points);
  for (const snapshot of priorSnapshots(o.model, { history: o.history, points })) {
    memory.observe(snapshot);
  }
  const horizons_min = card.horizons.map(({ horizon_min }) => horizon_min);
  const hasStart = card.kind === "gbt";
  const width = writer.count + (hasStart ? classCount : 0);
  const features = new Float32Array(points.length * width);
  for (const task of walkHistory({ memory, history: o.history, horizons_min })) {
    const { target, targetIndex, horizonIndex } = task;
    const session = sessions[horizonIndex];
    const horizon = card.horizons[horizonIndex];
    const counted = tables[horizonIndex];
    if (session === undefined || horizon === undefined || counted === undefined) continue;
    const forecast = new BaselineForecast({ memory, tables: counted });
    for (let point = 0; point < points.length; point++) {
      writer.write({ point, target_ms: target.at_ms, into: features, at: point * width });
      if (!hasStart) continue;
      writeBlendStart({
        last: memory.last[point] ?? noStatus,
        habit: forecast.habit(point, target.at_ms),
        habitAt: 0,
        persistence: horizon.persistence,
        into: features,
        at: point * width + writer.count,
      });
    }
    const baselines = baselineNames.map((name) => {
      const into = new Float32Array(points.length * classCount);
      for (let point = 0; point < points.length; point++) {
        forecast.write(name, { point, target_ms: target.at_ms, into, at: point * classCount });
      }
      return into;
    });
    const model = await session.run({ values: features, rows: points.length });
    yield { targetIndex, horizonIndex, target, model, baselines };
  }
}

/** Counts of the training history, which the baselines know as the model does. */
function trainedTables(
  { card, snapshots }: OpenedModel,
  points: readonly NetworkPoint[],
): readonly HorizonTables[] {
  const classCount = card.classes.length;
  const { memory } = openMemory({ ...card, points });
  const builders = card.horizons.map(
    () => new HorizonTablesBuilder({ classCount, pointCount: points.length }),
  );
  const none = new HorizonTablesBuilder({ classCount, pointCount: 0 }).build();
  const habits = new BaselineForecast({ memory, tables: none });
  const history: NetworkHistory = {
    classes: card.classes,
    pointIds: points.map(({ id }) => id),
    snapshots: snapshots.map((snapshot) => widened(snapshot, points.length)),
  };
  const horizons_min = card.horizons.map(({ horizon_min }) => horizon_min);
  for (const task of walkHistory({ memory, history, horizons_min })) {
    if (task.targetIndex === 0) continue;
    countTask({ builder: builders[task.horizonIndex], target: task.target, memory, habits });
  }
  return builders.map((builder) => builder.build());
}

function countTask(o: {
  builder: HorizonTablesBuilder | undefined;
  target: NetworkSnapshot;
  memory: NetworkMemory;
  habits: BaselineForecast;
}): void {
  const { target, memory } = o;
  for (const [point, truth] of target.statuses.entries()) {
    if (truth === noStatus) continue;
    const habit = o.habits.habit(point, target.at_ms);
    o.builder?.add({ point, last: memory.last[point] ?? noStatus, truth, habit });
  }
}

/**
 * What the memory begins with. A history that begins within the training period gets nothing: it would
 * see its own future. One from before it gets the training period moved back by whole days.
 */
function priorSnapshots(
  { card, snapshots }: OpenedModel,
  o: { history: NetworkHistory; points: readonly NetworkPoint[] },
): readonly NetworkSnapshot[] {
  const first_ms = o.history.snapshots[0]?.at_ms ?? Number.POSITIVE_INFINITY;
  if (first_ms >= card.trainedFrom_ms && first_ms <= card.trainedTo_ms) return [];
  const late_ms = card.trainedTo_ms - first_ms;
  const moved_ms = late_ms < 0 ? 0 : (Math.floor(late_ms / day_ms) + 1) * day_ms;
  return snapshots.map((snapshot) => {
    const wide = widened(snapshot, o.points.length);
    if (moved_ms === 0) return wide;
    return {
      ...wide,
      at_ms: wide.at_ms - moved_ms,
      ...(wide.updated_ms && { updated_ms: wide.updated_ms.map((time_ms) => time_ms - moved_ms) }),
    };
  });
}

/** A snapshot with room for points that the model did not know. */
function widened(snapshot: NetworkSnapshot, pointCount: number): NetworkSnapshot {
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
