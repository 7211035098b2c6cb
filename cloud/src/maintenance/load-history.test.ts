import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSideDatabase } from "../store/side-database.ts";
import { IndicatorStore } from "./indicator-store.ts";
import { loadFleetHistory } from "./load-history.ts";
import { maintenanceTables } from "./maintenance-tables.ts";

let dataDir: string;
const clock = new ManualClock(1e12);

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "history-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("a load that was interrupted goes on, every row says simulated, and weeks can be told", async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const load = { dataDir, seed: 1, vehicles: 3, days: 30, clock };
  const onVehicle = (done: number): void => {
    seen.push(done);
    if (done === 1) stop.abort();
  };
  expect(await loadFleetHistory({ ...load, onVehicle, signal: stop.signal })).toBe(1);
  const { signal } = new AbortController();
  expect(await loadFleetHistory({ ...load, onVehicle, signal })).toBe(3);
  expect(await loadFleetHistory({ ...load, onVehicle, signal })).toBe(3);
  const path = join(dataDir, "maintenance.duckdb");
  const database = await openSideDatabase({
    ...{ path, tables: maintenanceTables, memoryMax_bytes: 2e8, clock },
  });
  const indicators = new IndicatorStore(database);
  const all = await indicators.history({ vehicleId: "history-0002" });
  expect(all).toHaveLength(60);
  expect(new Set(all.map(({ origin, finality }) => `${origin} ${finality}`))).toEqual(
    new Set(["simulated none"]),
  );
  const newest = await indicators.newest(5);
  expect(newest).toHaveLength(15);
  expect(new Set(newest.map(({ figures }) => figures.estimator.version))).toEqual(new Set(["2"]));
  const weeks = await indicators.weeks({ from: "2024-01-01" });
  expect(weeks[0]).toMatchObject({ week: "2024-01-01", vehicles: 3, simulated: 3, days: 21 });
  const one = await indicators.weeks({ from: "2024-01-01", vehicleIds: ["history-0001"] });
  expect(one[0]?.vehicles).toBe(1);
  const parquet = await database.parquet({
    columns: [{ name: "soh", kind: "number" }],
    rows: [[0.9], [null]],
  });
  expect(Buffer.from(parquet.slice(0, 4)).toString()).toBe("PAR1");
  await database.close();
});
