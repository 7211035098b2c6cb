import {
  BaselineForecast,
  baselineNames,
  emptyMemory,
  type HorizonTables,
  HorizonTablesBuilder,
  memoryOfModel,
  type NetworkHistory,
  type NetworkMemory,
  type NetworkPoint,
  type NetworkSnapshot,
  noStatus,
  type OpenedModel,
  priorSnapshots,
  walkHistory,
  widenedSnapshot,
  writeBlendStart,
} from "@voltfog/forecasting";
import type { LoadedNetwork } from "./network-source.ts";

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
  const { memory, writer } = memoryOfModel({ card, points });
  const tables = trainedTables(o.model, points);
  for (const snapshot of priorSnapshots(o.model, {
    first_ms: o.history.snapshots[0]?.at_ms ?? Number.POSITIVE_INFINITY,
    pointCount: points.length,
  })) {
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
  const { memory } = emptyMemory({ ...card, points });
  const builders = card.horizons.map(
    () => new HorizonTablesBuilder({ classCount, pointCount: points.length }),
  );
  const none = new HorizonTablesBuilder({ classCount, pointCount: 0 }).build();
  const habits = new BaselineForecast({ memory, tables: none });
  const history: NetworkHistory = {
    classes: card.classes,
    pointIds: points.map(({ id }) => id),
    snapshots: snapshots.map((snapshot) => widenedSnapshot(snapshot, points.length)),
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
