import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { openStore, openStoreReader, type TelemetryStore } from "@voltfog/cloud";
import { assert, type Findings } from "@voltfog/runtime";
import { fileSystemOf } from "../measure/work-folder.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { influxIsHere, type RunningInflux, startInflux } from "./influx-server.ts";
import { type PageView, viewPages } from "./page-views.ts";
import { type StoreRun, storeFindings } from "./store-findings.ts";
import { SyntheticFleet, samplesPerFrame } from "./synthetic-fleet.ts";

const vehicles = 200;
const seed = 7;
const start_ms: number = Date.UTC(2026, 0, 1);
const memoryMax_bytes = 4_000_000_000;
/** Rows between two readings of the rate. */
const chunkRows = 2_000_000;
const coldViews = 20;

interface Size {
  readonly engine: "duckdb" | "influxdb";
  readonly rows: number;
  readonly views: number;
}

function sizes(isQuick: boolean): readonly Size[] {
  const duckdb = { engine: "duckdb", rows: isQuick ? 4_000_000 : 100_000_000, views: 200 } as const;
  const influxdb = {
    engine: "influxdb",
    rows: isQuick ? 400_000 : 10_000_000,
    views: 200,
  } as const;
  return influxIsHere() ? [duckdb, influxdb] : [duckdb];
}

/** How fast the store takes batches, what a sample costs on disk, and how long the vehicle page waits. */
export const storeExperiment: Experiment = {
  name: "store",
  summary: "The telemetry store: rows per second, bytes per sample, and how long the pages wait",
  async run(context): Promise<Findings> {
    const load = loadavg()[0] ?? 0;
    const runs: StoreRun[] = [];
    for (const size of sizes(context.isQuick)) runs.push(await runOne(context, size));
    const fileSystem = fileSystemOf(context.folder);
    return storeFindings({ runs, load, fileSystem, vehicles, coldViews });
  },
};

async function runOne(context: ExperimentContext, size: Size): Promise<StoreRun> {
  const folder = join(context.folder, size.engine);
  mkdirSync(folder, { recursive: true });
  const data = join(folder, "cloud");
  const { clock } = context;
  const start = (): Promise<RunningInflux | undefined> =>
    size.engine === "influxdb"
      ? startInflux({ folder: join(folder, "influx"), clock })
      : Promise.resolve(undefined);
  let influx = await start();
  const open = (): Promise<TelemetryStore> =>
    openStore(
      {
        dataDir: data,
        storeMemoryMax_bytes: memoryMax_bytes,
        store: size.engine,
        influxUrl: influx?.url ?? "",
        ...{ influxDatabase: "voltfog", influxLogin: "", influxServerId: "influxdb" },
      },
      { clock, identity: undefined },
    );
  const fleet = new SyntheticFleet({ vehicles, seed, start_ms });
  let store = await open();
  const rowRates_Hz = await fill({ context, size, store, fleet });
  await store.close();
  await influx?.stop();
  forgetCached(folder);
  influx = await start();
  store = await open();
  const asking = { store, clock, vehicleIds: fleet.vehicleIds, from_ms: start_ms, seed };
  context.progress({ done: size.rows, total: size.rows, doing: `${size.engine}: page views` });
  const views: readonly PageView[] = await viewPages({
    ...asking,
    to_ms: fleet.now_ms,
    views: size.views,
  });
  const rows = await store.sampleCount();
  await store.close();
  const frames = await framesIn(data);
  await influx?.stop();
  assert(frames * samplesPerFrame === rows, "what is stored is what was put in");
  return {
    ...{
      engine: size.engine,
      version: influx?.version ?? "embedded",
      rows,
      frames,
      rowRates_Hz,
      views,
    },
    seriesFolder_bytes: sizeOf(size.engine === "duckdb" ? data : join(folder, "influx")),
    storeFile_bytes: sizeOf(data),
  };
}

/** Rates of the batches alone: making them is not the store's work. */
async function fill(o: {
  context: ExperimentContext;
  size: Size;
  store: TelemetryStore;
  fleet: SyntheticFleet;
}): Promise<readonly number[]> {
  const { context, size, store, fleet } = o;
  const { clock } = context;
  const rates_Hz: number[] = [];
  let rows = 0;
  let chunk = { rows: 0, took_ms: 0 };
  while (rows < size.rows) {
    const batch = fleet.next();
    const began_ms = clock.monotonic_ms();
    await store.commitEntries(batch);
    chunk.took_ms += clock.monotonic_ms() - began_ms;
    chunk.rows += batch.samples.length;
    rows += batch.samples.length;
    if (chunk.rows < Math.min(chunkRows, size.rows / 4)) continue;
    rates_Hz.push((1000 * chunk.rows) / chunk.took_ms);
    chunk = { rows: 0, took_ms: 0 };
    context.progress({ done: rows, total: size.rows, doing: `${size.engine}: storing` });
  }
  const position = await store.position("unit-1");
  await store.commitFinality({
    ...{ unitId: "unit-1", size: position.size, root: new Uint8Array(32), tree: new Uint8Array(8) },
    ...{ height: 1, resultIndex: 0, final_ms: fleet.now_ms },
  });
  return rates_Hz;
}

async function framesIn(data: string): Promise<number> {
  const reader = await openStoreReader(data);
  const { length } = await reader.frames();
  await reader.close();
  return length;
}

/** The first views after this come from the disk, where the system allows it (GNU dd). */
function forgetCached(folder: string): void {
  for (const file of filesIn(folder)) {
    spawnSync("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
  }
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function sizeOf(folder: string): number {
  return filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}
