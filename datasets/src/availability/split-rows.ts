import { HorizonTablesBuilder } from "@voltfog/forecasting";
import { SeededRandom } from "@voltfog/runtime";
import { shuffled } from "./learning/standard-scale.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface RowSplit {
  readonly train: TrainingRows;
  readonly test: TrainingRows;
}

/** Between training and test nothing is used: three days, the largest lag. */
const gap_ms = 3 * 86_400_000;

/** Four fifths by chance, one fifth to score: what the published tables do. Leaky by construction. */
export function randomSplit(rows: TrainingRows, o: { rowsMax: number; seed: number }): RowSplit {
  const order = new Int32Array(rows.table.rowCount).map((_, row) => row);
  const drawn = shuffled(order, new SeededRandom(o.seed)).subarray(0, o.rowsMax);
  const border = Math.floor(drawn.length * 0.8);
  return splitOf(rows, {
    train: drawn.slice(0, border).sort(),
    test: drawn.slice(border).sort(),
  });
}

/** Rows before a time to learn from, rows after it to score; where nothing is told, the last quarter. */
export function timeSplit(
  rows: TrainingRows,
  o: { border_ms?: number; rowsMax: number; seed: number },
): RowSplit {
  const count = rows.table.rowCount;
  const border_ms = o.border_ms ?? rows.target_ms[Math.floor(0.75 * count)] ?? 0;
  // A border that the dataset tells comes with nothing to spare; otherwise there is a gap.
  const last_ms = o.border_ms === undefined ? border_ms - gap_ms : border_ms;
  const order = new Int32Array(count).map((_, row) => row);
  const drawn = shuffled(order, new SeededRandom(o.seed));
  const within = (isTest: boolean): Int32Array =>
    drawn
      .filter((row) => {
        const time_ms = rows.target_ms[row] ?? 0;
        return isTest ? time_ms >= border_ms : time_ms < last_ms;
      })
      .subarray(0, o.rowsMax)
      .sort();
  return splitOf(rows, { train: within(false), test: within(true) });
}

/** The same rows with some features held at nothing, as if they had never been measured. */
export function without(rows: TrainingRows, isLeftOut: (name: string) => boolean): TrainingRows {
  const width = rows.table.names.length;
  const left = rows.table.names.flatMap((name, i) => (isLeftOut(name) ? [i] : []));
  const values = Float32Array.from(rows.table.values);
  for (let row = 0; row < rows.table.rowCount; row++) {
    for (const feature of left) values[row * width + feature] = 0;
  }
  return { ...rows, table: { ...rows.table, values } };
}

/** What is counted of the training rows is counted of them alone. */
function splitOf(rows: TrainingRows, places: { train: Int32Array; test: Int32Array }): RowSplit {
  const train = picked(rows, places.train);
  const { classCount } = rows.tables;
  const pointCount = rows.points.reduce((most, point) => Math.max(most, point), 0) + 1;
  const builder = new HorizonTablesBuilder({ classCount, pointCount });
  for (let row = 0; row < train.table.rowCount; row++) {
    builder.add({
      point: train.points[row] ?? 0,
      last: train.last[row] ?? 0,
      truth: train.labels[row] ?? 0,
      habit: train.habits.subarray(row * classCount, (row + 1) * classCount),
    });
  }
  const tables = builder.build();
  return { train: { ...train, tables }, test: { ...picked(rows, places.test), tables } };
}

function picked(rows: TrainingRows, places: Int32Array): TrainingRows {
  const width = rows.table.names.length;
  const { classCount } = rows.tables;
  const values = new Float32Array(places.length * width);
  const habits = new Float32Array(places.length * classCount);
  for (const [to, from] of places.entries()) {
    values.set(rows.table.values.subarray(from * width, (from + 1) * width), to * width);
    habits.set(rows.habits.subarray(from * classCount, (from + 1) * classCount), to * classCount);
  }
  return {
    ...rows,
    table: { names: rows.table.names, rowCount: places.length, values },
    labels: Uint8Array.from(places, (row) => rows.labels[row] ?? 0),
    points: Int32Array.from(places, (row) => rows.points[row] ?? 0),
    last: Uint8Array.from(places, (row) => rows.last[row] ?? 0),
    habits,
    target_ms: Float64Array.from(places, (row) => rows.target_ms[row] ?? 0),
  };
}
