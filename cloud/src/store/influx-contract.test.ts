import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RealInflux } from "../testing/real-influx.ts";
import { storeContract } from "../testing/store-contract.ts";
import { batch, frameRow } from "../testing/store-rows.ts";
import { openDuckDbStore } from "./duckdb-store.ts";
import { InfluxSampleSeries } from "./influx-series.ts";
import { openStore } from "./open-store.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

let influx: RealInflux;
let folder: string;
let store: TelemetryStore;
let databases = 0;

const ports = { clock: systemClock, identity: undefined };

function open(): Promise<TelemetryStore> {
  return openStore(
    {
      dataDir: folder,
      storeMemoryMax_bytes: 512e6,
      store: "influxdb",
      influxUrl: influx.url,
      influxDatabase: `voltfog_${databases}`,
      influxLogin: "",
      influxServerId: "influxdb",
    },
    ports,
  );
}

beforeAll(async () => {
  influx = await RealInflux.start();
});
afterAll(() => influx?.remove());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-store-"));
  databases += 1;
  store = await open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function samplesStored(): Promise<number> {
  const { buckets } = await store.history({
    vehicleId: "car-1",
    from_ms: 0,
    to_ms: 1e6,
    points: 9,
  });
  return buckets.reduce((sum, { samples }) => sum + samples, 0);
}

describe("samples in InfluxDB", () => {
  storeContract(() => ({
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
  }));

  test("nothing moves on while it is down, and all is there once it is back", async () => {
    const at = (sequence: number): ReturnType<typeof batch> => {
      const row = frameRow({ sequence, samples: 5, start_ms: 10_000 * sequence });
      return batch({ from: sequence - 1, rows: [{ ...row, logIndex: sequence - 1 }] });
    };
    await store.commitEntries(at(1));
    await influx.kill();
    await expect(store.commitEntries(at(2))).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await expect(samplesStored()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    expect((await store.position("unit-1")).size).toBe(1);
    expect((await store.vehicleTotals())[0]?.samples.logged).toBe(5);
    await influx.start();
    await store.commitEntries(at(2));
    await store.commitEntries(at(3));
    expect(await samplesStored()).toBe(15);
  });

  test("samples that were written before a crash took the cursor are replaced, not doubled", async () => {
    const rows = [frameRow({ sequence: 1, samples: 9 })];
    const series = new InfluxSampleSeries({
      url: influx.url,
      database: `voltfog_${databases}`,
      loginFile: "",
      serverId: "influxdb",
      ...ports,
    });
    await series.before(batch({ from: 0, rows }));
    expect(await series.count()).toBe(9);
    await store.commitEntries(batch({ from: 0, rows }));
    expect(await series.count()).toBe(9);
    series.close();
  });

  test("samples that are no longer kept are removed, and their count is given", async () => {
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 9 })] }));
    const keep = { samplesFrom_ms: 5000, framesFrom_ms: 0 };
    expect(await store.retain(keep)).toEqual({ samples: 4, frames: 0 });
    expect(await store.retain(keep)).toEqual({ samples: 0, frames: 0 });
    expect(await samplesStored()).toBe(5);
  });

  test("a store that began with one engine is not opened with the other", async () => {
    await store.close();
    const other = openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
    await expect(other).rejects.toMatchObject({ code: "STORE_UNREADABLE" });
    store = await open();
  });

  test("an address in clear text that leaves the machine is refused", async () => {
    const away = { store: "influxdb", influxUrl: "http://10.0.0.1:8086", influxDatabase: "v" };
    const rest = { influxLogin: "", influxServerId: "influxdb", storeMemoryMax_bytes: 512e6 };
    await expect(openStore({ ...away, ...rest, dataDir: folder }, ports)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});
