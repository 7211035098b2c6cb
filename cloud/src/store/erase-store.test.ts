import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { silentLogger } from "@voltfog/runtime";
import { addErasureOrder, type FrameErasure, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batch, feedEvent, frameRow } from "../testing/store-rows.ts";
import { openDuckDbStore } from "./duckdb-store.ts";
import { eraseFromStores } from "./erase-store.ts";
import { openSideDatabase } from "./side-database.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

let folder: string;
const secret = new Uint8Array(400).map((_, at) => (at * 131 + 17) % 251);

const open = (): Promise<TelemetryStore> =>
  openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-erase-"));
  const store = await open();
  const rows = [1, 2, 3].map((sequence) => ({
    ...frameRow({ sequence, samples: 3, logIndex: sequence - 1, start_ms: 60_000 * sequence }),
    frame: secret.map((byte) => byte ^ sequence),
  }));
  await store.commitEntries(batch({ from: 0, rows }));
  const events = [feedEvent({ at_ms: 1000, state: "asserted" })];
  await store.commitEvents({ unitId: "unit-1", logName: "unit-1", cursor: 2, events });
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function order(over: Partial<FrameErasure>): void {
  addErasureOrder(folder, {
    ...{ vehicleId: "car-1", keyIds: [], stream: null, from: 1, to: 1, isWhole: false },
    ...{ by: "a", reason: "b", ordered_ms: 1 },
    ...over,
  });
}

function onDisk(bytes: Uint8Array): boolean {
  return readdirSync(folder).some((name) =>
    readFileSync(join(folder, name)).includes(Buffer.from(bytes)),
  );
}

async function rows(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(join(folder, "telemetry.duckdb"));
  const connection = await instance.connect();
  const found = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return found;
}

describe("the cloud erases by order before it opens its store", () => {
  test("one frame with its samples, its share of the roll-ups and its events, out of the file too", async () => {
    expect(onDisk(secret.map((byte) => byte ^ 1))).toBe(true);
    order({});
    await eraseFromStores({ dataDir: folder, logger: silentLogger });
    expect(readdirSync(folder)).toEqual(["telemetry.duckdb"]);
    expect(onDisk(secret.map((byte) => byte ^ 1))).toBe(false);
    expect(onDisk(secret.map((byte) => byte ^ 2))).toBe(true);
    expect(await rows("select sequence, frame is null as gone from entries order by 1")).toEqual([
      { sequence: "1", gone: true },
      { sequence: "2", gone: false },
      { sequence: "3", gone: false },
    ]);
    expect(await rows("select distinct sequence from pack_samples order by 1")).toEqual([
      { sequence: "2" },
      { sequence: "3" },
    ]);
    expect(await rows("select start_ms, samples from minutes order by 1")).toEqual([
      { start_ms: "120000", samples: "3" },
      { start_ms: "180000", samples: "3" },
    ]);
    expect(await rows("select sum(samples)::bigint as n from days")).toEqual([{ n: "6" }]);
    expect(await rows("select id from event_rows")).toEqual([]);
  });

  test("a whole vehicle out of every table and every database, and counts stay", async () => {
    const path = join(folder, "maintenance.duckdb");
    const tables = ["create table if not exists days(vehicle_id varchar, value double)"];
    const side = await openSideDatabase({
      path,
      tables,
      memoryMax_bytes: 128e6,
      clock: systemClock,
    });
    await side.transaction((to) =>
      to.append("days", [
        ["car-1", 1],
        ["car-2", 2],
      ]),
    );
    await side.copy();
    await side.close();
    order({ isWhole: true });
    await eraseFromStores({ dataDir: folder, logger: silentLogger });
    expect(onDisk(Buffer.from("car-1"))).toBe(false);
    expect(existsSync(join(folder, "maintenance.copy.duckdb"))).toBe(false);
    expect(await rows("select count(*) as n, min(vehicle_id) as id from entries")).toEqual([
      { n: "3", id: "erased" },
    ]);
    const again = await openSideDatabase({
      path,
      tables,
      memoryMax_bytes: 128e6,
      clock: systemClock,
    });
    expect(await again.query("select vehicle_id from days")).toEqual([{ vehicle_id: "car-2" }]);
    await again.close();
    const store = await open();
    expect((await store.position("unit-1")).size).toBe(3);
    await store.close();
  });

  test("and nothing where no order waits", async () => {
    const before = readFileSync(join(folder, "telemetry.duckdb"));
    await eraseFromStores({ dataDir: folder, logger: silentLogger });
    expect(readFileSync(join(folder, "telemetry.duckdb")).equals(before)).toBe(true);
  });
});
