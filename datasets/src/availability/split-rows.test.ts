import { HorizonTablesBuilder } from "@voltfog/forecasting";
import { expect, test } from "vitest";
import { randomSplit, timeSplit, without } from "./split-rows.ts";
import type { TrainingRows } from "./training-rows.ts";

const day_ms = 86_400_000;
const rowCount = 400;
const place = [...Array(rowCount).keys()];

/** One row an hour; the first feature is the row's own place, so that it is known again. */
const rows: TrainingRows = {
  horizon_min: 15,
  table: {
    names: ["place", "noise"],
    rowCount,
    values: Float32Array.from(place.flatMap((row) => [row, 7])),
  },
  labels: Uint8Array.from(place, (row) => row % 2),
  points: Int32Array.from(place, (row) => row % 5),
  last: Uint8Array.from(place, (row) => row % 2),
  habits: new Float32Array(2 * rowCount).fill(0.5),
  target_ms: Float64Array.from(place, (row) => row * 3_600_000),
  tables: new HorizonTablesBuilder({ classCount: 2, pointCount: 5 }).build(),
};
const all = { rowsMax: 10_000, seed: 1 };

function placesOf({ table }: TrainingRows): readonly number[] {
  return Array.from({ length: table.rowCount }, (_, row) => table.values[2 * row] ?? -1);
}

test("a split by chance takes every row once, four fifths of them to learn from", () => {
  const { train, test: scored } = randomSplit(rows, all);
  const [learnt, asked] = [placesOf(train), placesOf(scored)];
  expect([learnt.length, asked.length]).toEqual([320, 80]);
  expect([...learnt, ...asked].sort((a, b) => a - b)).toEqual(place);
  expect(Math.min(...asked)).toBeLessThan(Math.max(...learnt));
  expect(train.labels[3]).toBe((learnt[3] ?? 0) % 2);
});

test("a split by time leaves a gap of three days, and nothing scored is older than what is learnt from", () => {
  const { train, test: scored } = timeSplit(rows, all);
  const last_ms = Math.max(...train.target_ms);
  const first_ms = Math.min(...scored.target_ms);
  expect(first_ms - last_ms).toBeGreaterThanOrEqual(3 * day_ms);
  expect(placesOf(scored)).toEqual(place.slice(300));
});

test("a border that is told is kept to", () => {
  const { train, test: scored } = timeSplit(rows, { ...all, border_ms: 100 * 3_600_000 });
  expect([placesOf(train).length, placesOf(scored)[0]]).toEqual([100, 100]);
});

test("what is counted is counted of the rows that are learnt from", () => {
  const { train, test: scored } = timeSplit(rows, { ...all, rowsMax: 50 });
  const counted = train.tables.transitions.reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(50);
  expect(scored.tables).toBe(train.tables);
});

test("features that are left out are held at nothing, the others stay", () => {
  const left = without(rows, (name) => name === "noise");
  expect([...left.table.values.subarray(0, 4)]).toEqual([0, 0, 1, 0]);
  expect(rows.table.values[1]).toBe(7);
});
