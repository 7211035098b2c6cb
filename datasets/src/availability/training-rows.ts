import {
  BaselineForecast,
  emptyMemory,
  type Horizon,
  type HorizonTables,
  HorizonTablesBuilder,
  type NetworkHistory,
  type NetworkPoint,
  noStatus,
  walkHistory,
} from "@voltfog/forecasting";
import type { FeatureTable } from "./learning/feature-bins.ts";
import type { NetworkSource } from "./network-source.ts";

/** What is learnt from for one horizon. */
export interface TrainingRows {
  readonly horizon_min: Horizon;
  readonly table: FeatureTable;
  readonly labels: Uint8Array;
  /** Place of each row's point in the network. */
  readonly points: Int32Array;
  /** Class at the present, `noStatus` where the point had said nothing. */
  readonly last: Uint8Array;
  /** Row by row: the point's share of each class at the target's hour. */
  readonly habits: Float32Array;
  /** Time of each row's target; rising. */
  readonly target_ms: Float64Array;
  /** Counted from every row of the history, also those that are not learnt from. */
  readonly tables: HorizonTables;
}

/** The first part of a history only fills the memory: habits that it has not seen cannot be learnt. */
const warmShare = 0.15;
/** More rows than this per horizon are thinned evenly by target. */
const rowsMax = 200_000;

/** Walks a history once and gathers the rows of every horizon. Cost: about 2 µs per point and target. */
export function trainingRows(o: {
  source: NetworkSource;
  points: readonly NetworkPoint[];
  history: NetworkHistory;
}): readonly TrainingRows[] {
  const { source, points, history } = o;
  const { memory, writer } = emptyMemory({ ...source, points });
  const classCount = source.classes.length;
  const warm = Math.max(2, Math.floor(history.snapshots.length * warmShare));
  const targets = Math.max(1, history.snapshots.length - warm);
  const stride = Math.max(1, Math.ceil((targets * points.length) / rowsMax));
  const room = (Math.floor(targets / stride) + 1) * points.length;
  const parts = source.horizons_min.map((horizon_min) => ({
    rows: new RowBuffer({ horizon_min, names: writer.names, classCount, room }),
    tables: new HorizonTablesBuilder({ classCount, pointCount: points.length }),
  }));
  const empty = new HorizonTablesBuilder({ classCount, pointCount: 0 }).build();
  const habits = new BaselineForecast({ memory, tables: empty });
  const { horizons_min } = source;
  for (const task of walkHistory({ memory, history, horizons_min })) {
    const { target, targetIndex, horizonIndex } = task;
    const part = parts[horizonIndex];
    if (part === undefined || targetIndex < warm) continue;
    const isLearnt = (targetIndex + horizonIndex) % stride === 0;
    for (let point = 0; point < points.length; point++) {
      const truth = target.statuses[point] ?? noStatus;
      if (truth === noStatus) continue;
      const last = memory.last[point] ?? noStatus;
      const habit = habits.habit(point, target.at_ms);
      part.tables.add({ point, last, truth, habit });
      if (!isLearnt) continue;
      const { into, at } = part.rows.add({
        ...{ point, truth, last, habit },
        target_ms: target.at_ms,
      });
      writer.write({ point, target_ms: target.at_ms, into, at });
    }
  }
  return parts.map(({ rows, tables }) => rows.finish(tables.build()));
}

/** Rows while they are gathered. */
class RowBuffer {
  readonly #horizon_min: Horizon;
  readonly #names: readonly string[];
  readonly #classCount: number;
  readonly #values: Float32Array;
  readonly #labels: Uint8Array;
  readonly #points: Int32Array;
  readonly #last: Uint8Array;
  readonly #habits: Float32Array;
  readonly #target_ms: Float64Array;
  #count = 0;

  constructor(o: {
    horizon_min: Horizon;
    names: readonly string[];
    classCount: number;
    room: number;
  }) {
    this.#horizon_min = o.horizon_min;
    this.#names = o.names;
    this.#classCount = o.classCount;
    this.#values = new Float32Array(o.room * o.names.length);
    this.#labels = new Uint8Array(o.room);
    this.#points = new Int32Array(o.room);
    this.#last = new Uint8Array(o.room);
    this.#habits = new Float32Array(o.room * o.classCount);
    this.#target_ms = new Float64Array(o.room);
  }

  /** Takes a row; its features are to be written where the answer says. */
  add(o: { point: number; truth: number; last: number; habit: Float64Array; target_ms: number }): {
    into: Float32Array;
    at: number;
  } {
    const row = this.#count++;
    this.#labels[row] = o.truth;
    this.#points[row] = o.point;
    this.#last[row] = o.last;
    this.#habits.set(o.habit, row * this.#classCount);
    this.#target_ms[row] = o.target_ms;
    return { into: this.#values, at: row * this.#names.length };
  }

  finish(tables: HorizonTables): TrainingRows {
    const count = this.#count;
    return {
      horizon_min: this.#horizon_min,
      table: {
        names: this.#names,
        rowCount: count,
        values: this.#values.subarray(0, count * this.#names.length),
      },
      labels: this.#labels.subarray(0, count),
      points: this.#points.subarray(0, count),
      last: this.#last.subarray(0, count),
      habits: this.#habits.subarray(0, count * this.#classCount),
      target_ms: this.#target_ms.subarray(0, count),
      tables,
    };
  }
}

/** The rows from one place to another, sharing memory. */
export function rowsBetween(rows: TrainingRows, from: number, to: number): TrainingRows {
  const width = rows.table.names.length;
  const classCount = rows.tables.classCount;
  return {
    ...rows,
    table: {
      names: rows.table.names,
      rowCount: to - from,
      values: rows.table.values.subarray(from * width, to * width),
    },
    labels: rows.labels.subarray(from, to),
    points: rows.points.subarray(from, to),
    last: rows.last.subarray(from, to),
    habits: rows.habits.subarray(from * classCount, to * classCount),
    target_ms: rows.target_ms.subarray(from, to),
  };
}
