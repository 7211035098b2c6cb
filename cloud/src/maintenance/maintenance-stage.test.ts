import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nothingCarried } from "@voltfog/battery";
import { ManualClock } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DayFigures } from "../alerts/find-alerts.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import { openSideDatabase, type SideDatabase } from "../store/side-database.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { batch, frameRow } from "../testing/store-rows.ts";
import { reading, TestVehicle } from "../testing/test-vehicle.ts";
import { IndicatorStore } from "./indicator-store.ts";
import { MaintenanceStage } from "./maintenance-stage.ts";
import { maintenanceTables } from "./maintenance-tables.ts";
import { usualPacks } from "./pack-settings.ts";

const day_ms = 86_400_000;
const start_ms = Date.UTC(2026, 0, 5);
let folder: string;
let clock: ManualClock;
let store: TelemetryStore;
let database: SideDatabase;
let indicators: IndicatorStore;
let stage: MaintenanceStage;
let watched: DayFigures[];
let car: TestVehicle;
let size: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "maintenance-"));
  clock = new ManualClock(start_ms + 10 * day_ms);
  car = new TestVehicle("car-1");
  watched = [];
  size = 0;
  store = await openDuckDbStore({ folder, memoryMax_bytes: 3e8, clock });
  await open();
});
afterEach(async () => {
  await database.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(version: "1" | "2" = "2"): Promise<void> {
  const path = join(folder, "maintenance.duckdb");
  const tables = maintenanceTables;
  database = await openSideDatabase({ path, tables, memoryMax_bytes: 2e8, clock });
  indicators = new IndicatorStore(database);
  const desk = { takeDays: async (days: readonly DayFigures[]) => void watched.push(...days) };
  stage = new MaintenanceStage({
    ...{ store, indicators, packs: () => usualPacks, desk, clock, issued: () => {}, version },
  });
}

/** A frame an hour from a day's midnight on, taken into the log of a unit. */
async function drive(day: number, hours: readonly number[], unitId = "unit-1"): Promise<void> {
  const rows = hours.map((hour, at) => {
    const begin_ms = start_ms + day * day_ms + hour * 3_600_000;
    const samples = Array.from({ length: 10 }, (_, i) =>
      reading(begin_ms + 60_000 * i, { packCurrent_A: -10 - i }),
    );
    const frame = car.cut({ type: "telemetry", origin: "replayed", source: "x", samples });
    const sequence = frame.sequence;
    const row = frameRow({ sequence, samples: 10, logIndex: size + at, start_ms: begin_ms });
    return {
      ...row,
      frame: frame.bytes,
      commitment: frame.commitment,
      wall_ms: begin_ms + 540_000,
    };
  });
  await store.commitEntries(batch({ unitId, from: size, rows }));
  size += rows.length;
}

async function finalise(to: number, unitId = "unit-1"): Promise<void> {
  const root = new Uint8Array(32);
  const place = { height: to, resultIndex: to, final_ms: 1, tree: Uint8Array.of(1) };
  await store.commitFinality({ unitId, size: to, root, ...place });
}

async function work(): Promise<void> {
  while ((await stage.step()).pause_ms === 0);
}

const days = async (): Promise<(readonly [string, number])[]> =>
  (await indicators.history({ vehicleId: "car-1" })).map(({ figures, samples }) => [
    figures.day,
    samples,
  ]);

test("only what is final counts, and a day is issued once it has ended", async () => {
  await drive(0, [8, 9]);
  await drive(1, [8]);
  await work();
  expect(await days()).toEqual([]);
  await finalise(2);
  await work();
  expect(await days()).toEqual([["2026-01-05", 20]]);
  await finalise(3);
  await work();
  expect(await days()).toEqual([
    ["2026-01-05", 20],
    ["2026-01-06", 10],
  ]);
  const [first, second] = await indicators.history({ vehicleId: "car-1" });
  expect(first).toMatchObject({ finality: "final", origin: "replayed" });
  expect(second?.figures.totals.fullCycles).toBeGreaterThan(first?.figures.totals.fullCycles ?? 9);
  expect(watched.map(({ day, origin }) => [day, origin])).toEqual([
    ["2026-01-05", "replayed"],
    ["2026-01-06", "replayed"],
  ]);
});

test("a day that has not ended waits", async () => {
  await drive(10, [1]);
  await finalise(1);
  await work();
  expect(await days()).toEqual([]);
  clock.advance(day_ms + 3_600_000);
  await work();
  expect(await days()).toEqual([["2026-01-15", 10]]);
});

test("frames that become final later re-issue their day and those behind it, beside what was said", async () => {
  await drive(0, [8]);
  await drive(2, [8]);
  await finalise(2);
  await work();
  const before = await indicators.history({ vehicleId: "car-1" });
  clock.advance(1000);
  await drive(1, [7, 8]);
  await finalise(4);
  await work();
  expect(await days()).toEqual([
    ["2026-01-05", 10],
    ["2026-01-06", 20],
    ["2026-01-07", 10],
  ]);
  const after = await indicators.history({ vehicleId: "car-1" });
  expect(after[0]).toEqual(before[0]);
  expect(after[2]?.issued_ms).toBe((before[1]?.issued_ms ?? 0) + 1000);
  expect(after[2]?.figures.totals.fullCycles).toBeGreaterThan(
    before[1]?.figures.totals.fullCycles ?? 9,
  );
  const [count] = await database.query("select count(*) as n from daily_indicators");
  expect(Number(count?.["n"])).toBe(4);
});

test("a restart in the middle goes on and gives the same figures as a run without", async () => {
  for (const day of [0, 1, 2]) await drive(day, [8, 12, 18]);
  await finalise(3);
  await work();
  await database.close();
  await open();
  await finalise(9);
  await work();
  const restarted = await indicators.history({ vehicleId: "car-1" });
  await database.close();
  rmSync(join(folder, "maintenance.duckdb"));
  await open();
  await work();
  expect(await indicators.history({ vehicleId: "car-1" })).toEqual(restarted);
  expect(restarted).toHaveLength(3);
});

const everyRow = async (): Promise<readonly unknown[]> =>
  await database.query("select * from daily_indicators order by day, estimator_version, issued_ms");

test("days of an older version are issued anew by the newer one, beside the old rows, a few at a time", async () => {
  await database.close();
  await open("1");
  for (let day = 0; day < 10; day++) await drive(day, [8]);
  await finalise(10);
  clock.advance(2 * day_ms);
  await work();
  const old = await everyRow();
  expect(old).toHaveLength(10);
  watched = [];

  await database.close();
  await open("2");
  const steps: number[] = [];
  while ((await stage.step()).pause_ms === 0) steps.push((await everyRow()).length - 10);
  expect(steps).toEqual([8, 10]);
  const rows = await everyRow();
  expect(rows.filter((_, at) => at % 2 === 0)).toEqual(old);
  // Somebody is told of the newest day alone.
  expect(watched.map(({ day, estimator }) => [day, estimator])).toEqual([
    ["2026-01-14", "rest-to-rest 2"],
  ]);
  const anew = await indicators.history({ vehicleId: "car-1", version: "2" });

  // Once: neither a further step nor a restart does so again, and the figures are those of a run from nothing.
  await work();
  await database.close();
  await open("2");
  await work();
  expect(await everyRow()).toEqual(rows);
  await database.close();
  rmSync(join(folder, "maintenance.duckdb"));
  await open("2");
  await work();
  expect(await indicators.history({ vehicleId: "car-1" })).toEqual(anew);
});

test("a restart between two steps of issuing anew goes on where it was", async () => {
  await database.close();
  await open("1");
  for (let day = 0; day < 10; day++) await drive(day, [8]);
  await finalise(10);
  clock.advance(2 * day_ms);
  await work();
  await database.close();
  await open("2");
  await stage.step();
  await database.close();
  await open("2");
  await work();
  expect(await everyRow()).toHaveLength(20);
});

test("a version before the newest one reopens nothing, nor does a history without frames", async () => {
  await drive(0, [8]);
  await finalise(1);
  await work();
  const [row] = await indicators.history({ vehicleId: "car-1" });
  if (row === undefined) throw new Error("no row");
  const { figures, ...issue } = row;
  const version = { ...figures.estimator, version: "1" };
  const day = { ...figures, estimator: version, day: "2025-01-01", carried: nothingCarried };
  await indicators.load({
    ...{ source: "a history", vehicleId: "car-2", pack: { preset: "nmc96" } },
    issued: [{ row: { ...issue, vehicleId: "car-2", finality: "none" }, day }],
  });
  await database.transaction((transaction) => transaction.run("delete from loaded"));
  for (const asked of ["1", "2"]) await indicators.reopenFor(asked);
  expect(await database.query("select * from open_days")).toEqual([]);
});
