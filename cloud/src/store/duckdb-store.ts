import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Clock, CodedError, messageOf } from "@voltfog/runtime";
import type {
  BlockView,
  EventView,
  FrameView,
  GapView,
  HistoryView,
  IncidentView,
  LinkView,
} from "../api/responses.ts";
import { type Archive, exportArchive, type Imported, importArchive } from "./archive.ts";
import {
  queryBlock,
  queryBlocks,
  queryFinalRange,
  queryNextCheckpoint,
  storeBlock,
  storeFinality,
  storeSnapshot,
} from "./block-rows.ts";
import type { ChainReader } from "./chain-reader.ts";
import { chainReader } from "./chain-rows.ts";
import { ReaderPool, selectRows, Writer } from "./connections.ts";
import { DuckDbSampleSeries } from "./duckdb-series.ts";
import {
  type HighWater,
  raiseHighWater,
  readHighWater,
  readPosition,
  requireContinues,
  storeEntries,
} from "./entry-commit.ts";
import {
  eventView,
  queryEventCounts,
  queryEvents,
  queryEventsAfter,
  queryOpenAlerts,
  storeEvents,
} from "./event-rows.ts";
import { type FinalReader, finalReader } from "./final-frames.ts";
import { queryFrameAt, queryFrames, queryVehicleTotals } from "./frame-queries.ts";
import { type HistoryQuery, queryGaps, queryHistory } from "./history-query.ts";
import { queryIncidents, storeIncident } from "./incident-rows.ts";
import { OpenLinks, queryLinks } from "./link-rows.ts";
import { prepareTables } from "./prepare-tables.ts";
import { applyRetention, type Removed, type Retention } from "./retention.ts";
import { settle } from "./roll-ups.ts";
import { bytesAt, numberAt, whole } from "./row-values.ts";
import type { SampleSeries } from "./sample-series.ts";
import type {
  BlockRecord,
  EntryBatch,
  EntryCommit,
  FeedEvent,
  FinalCheckpoint,
  FinalDelta,
  FrameAt,
  Incident,
  LogPosition,
  StoredBlock,
  TelemetryStore,
  VehicleTotals,
  VerifiedRange,
} from "./telemetry-store.ts";

const readerConnections = 3;
const queryMax_ms = 15_000;
/** Samples that arrive unsorted before they are settled: some 50 MB, and a second of work. */
const settleAt = 1_000_000;

/**
 * The telemetry store in one DuckDB file, `<folder>/telemetry.duckdb`, with its samples in the same file or
 * in the series that is given. One process at a time: STORE_UNREADABLE when another has it, the file is
 * not ours or its samples are elsewhere, with what to do.
 */
export async function openDuckDbStore(options: {
  folder: string;
  memoryMax_bytes: number;
  clock: Clock;
  series?: SampleSeries;
}): Promise<TelemetryStore> {
  mkdirSync(options.folder, { recursive: true });
  const path = join(options.folder, "telemetry.duckdb");
  try {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(`set memory_limit = '${Math.floor(options.memoryMax_bytes / 1e6)}MB'`);
    await connection.run("set preserve_insertion_order = false");
    await connection.run("set checkpoint_threshold = '64MB'");
    await prepareTables(connection, options.series?.engine ?? "duckdb");
    const readers = await ReaderPool.open({
      instance,
      size: readerConnections,
      clock: options.clock,
      timeout_ms: queryMax_ms,
    });
    const [newest] = await selectRows(
      connection,
      "select coalesce(max(cursor), 0) as cursor from event_rows",
    );
    return new DuckDbStore({
      instance,
      writer: new Writer(connection),
      readers,
      series: options.series ?? new DuckDbSampleSeries(readers),
      highWater: await readHighWater(connection),
      nextCursor: (newest === undefined ? 0 : numberAt(newest, "cursor")) + 1,
    });
  } catch (thrown) {
    throw new CodedError({
      code: "STORE_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy:
        (thrown instanceof CodedError ? thrown.remedy : undefined) ??
        "stop the other process that uses it, or name another data folder",
      cause: thrown,
    });
  }
}

function notHere(engine: string): CodedError {
  return new CodedError({
    code: "STORE_ENGINE",
    message: `the samples are in ${engine}`,
    remedy: "use that engine's own tools",
  });
}

class DuckDbStore implements TelemetryStore {
  readonly #instance: DuckDBInstance;
  readonly #writer: Writer;
  readonly #readers: ReaderPool;
  readonly chain: ChainReader;
  readonly final: FinalReader;
  readonly #series: SampleSeries;
  readonly #highWater: HighWater;
  #openLinks: OpenLinks | undefined;
  /** Samples that came since they were settled last; none counted at start, so the first run is longer. */
  #unsettled = 0;
  #nextCursor: number;

  constructor(options: {
    instance: DuckDBInstance;
    writer: Writer;
    readers: ReaderPool;
    series: SampleSeries;
    highWater: HighWater;
    nextCursor: number;
  }) {
    this.#instance = options.instance;
    this.#writer = options.writer;
    this.#readers = options.readers;
    this.chain = chainReader(options.readers);
    this.final = finalReader(options.readers);
    this.#series = options.series;
    this.#highWater = options.highWater;
    this.#nextCursor = options.nextCursor;
  }

  position(unitId: string): Promise<LogPosition> {
    return this.#writer.transaction((connection) => readPosition(connection, unitId));
  }

  async commitEntries(batch: EntryBatch): Promise<EntryCommit> {
    await this.#keepApart(batch);
    const { links, open, ...commit } = await this.#writer.transaction(async (connection) => {
      const open = this.#openLinks ?? (await OpenLinks.read(connection));
      // Taken away until the commit is known to hold: where it is not, the table says what is open.
      this.#openLinks = undefined;
      const stored = await storeEntries(connection, {
        batch,
        highWater: this.#highWater,
        open,
        withSamples: this.#series.engine === "duckdb",
      });
      // Raised before the commit is known to hold: too high a mark costs a look, too low a double.
      raiseHighWater(this.#highWater, batch.rows);
      return { ...stored, open };
    });
    // Runs before the next transaction does: that one has to wait for its own "begin" first.
    open.apply(links);
    this.#openLinks = open;
    await this.#settleWhenMany(batch.samples.length);
    return commit;
  }

  /** The commit holds and its samples are found either way: where this fails, the next one tries again. */
  async #settleWhenMany(samples: number): Promise<void> {
    if (this.#series.engine !== "duckdb") return;
    this.#unsettled += samples;
    if (this.#unsettled < settleAt) return;
    await this.settle().catch(() => {});
  }

  async settle(): Promise<void> {
    await this.#writer.transaction(settle);
    this.#unsettled = 0;
  }

  async retain(retention: Retention): Promise<Removed> {
    const { samplesFrom_ms } = retention;
    const elsewhere = samplesFrom_ms === 0 ? 0 : await this.#series.removeBefore(samplesFrom_ms);
    const removed = await this.#writer.transaction((connection) =>
      applyRetention(connection, retention),
    );
    return { ...removed, samples: removed.samples + elsewhere };
  }

  async exportArchive(options: {
    folder: string;
    from_ms: number;
    to_ms: number;
  }): Promise<Archive> {
    if (this.#series.engine !== "duckdb") throw notHere(this.#series.engine);
    return await this.#writer.transaction((connection) => exportArchive(connection, options));
  }

  async importArchive(folder: string): Promise<Imported> {
    if (this.#series.engine !== "duckdb") throw notHere(this.#series.engine);
    return await this.#writer.transaction((connection) => importArchive(connection, folder));
  }

  /** Samples of an engine of its own come first: the cursor never passes what is not kept. */
  async #keepApart(batch: EntryBatch): Promise<void> {
    if (this.#series.engine === "duckdb") return;
    requireContinues(batch, await this.position(batch.unitId));
    await this.#series.before(batch);
  }

  async commitEvents(feed: {
    unitId: string;
    logName?: string;
    cursor: number;
    events: readonly FeedEvent[];
  }): Promise<readonly EventView[]> {
    return await this.#writer.transaction(async (connection) => {
      const fresh = await storeEvents(connection, { ...feed, nextCursor: this.#nextCursor });
      this.#nextCursor += fresh.length;
      return fresh;
    });
  }

  commitBlock(record: BlockRecord): Promise<void> {
    return this.#writer.transaction((connection) => storeBlock(connection, record));
  }

  commitFinality(range: FinalCheckpoint & { tree: Uint8Array }): Promise<readonly FinalDelta[]> {
    return this.#writer.transaction((connection) => storeFinality(connection, range));
  }

  recordIncident(incident: Incident): Promise<IncidentView> {
    return this.#writer.transaction((connection) => storeIncident(connection, incident));
  }

  commitSnapshot(snapshot: { height: number; bytes: Uint8Array }): Promise<void> {
    return this.#writer.transaction((connection) => storeSnapshot(connection, snapshot));
  }

  async snapshot(): Promise<Uint8Array | undefined> {
    const [row] = await this.#readers.query(
      "select bytes from snapshots order by height desc limit 1",
    );
    return row === undefined ? undefined : bytesAt(row, "bytes");
  }

  async blocksFrom(from: {
    height: number;
    limit: number;
  }): Promise<readonly { height: number; block: Uint8Array; certificate: Uint8Array }[]> {
    const rows = await this.#readers.query(
      `select height, block, certificate from blocks where height >= $height::bigint
        order by height limit $limit::bigint`,
      { height: whole(from.height), limit: whole(from.limit) },
    );
    return rows.map((row) => ({
      height: numberAt(row, "height"),
      block: bytesAt(row, "block"),
      certificate: bytesAt(row, "certificate"),
    }));
  }

  async height(): Promise<number> {
    const [row] = await this.#readers.query("select coalesce(max(height), 0) as h from blocks");
    return row === undefined ? 0 : numberAt(row, "h");
  }

  finalRange(unitId: string): Promise<VerifiedRange> {
    return queryFinalRange(this.#readers, unitId);
  }

  nextCheckpoint(above: { unitId: string; size: number }): Promise<FinalCheckpoint | undefined> {
    return queryNextCheckpoint(this.#readers, above);
  }

  async entryBytes(range: {
    unitId: string;
    from: number;
    to: number;
  }): Promise<readonly Uint8Array[]> {
    const rows = await this.#readers.query(
      `select entry from entries where unit_id = $unitId and log_index >= $start::bigint
        and log_index < $stop::bigint order by log_index`,
      { unitId: range.unitId, start: whole(range.from), stop: whole(range.to) },
    );
    return rows.map((row) => bytesAt(row, "entry"));
  }

  vehicleTotals(): Promise<readonly VehicleTotals[]> {
    return queryVehicleTotals(this.#readers);
  }

  eventCounts(): Promise<ReadonlyMap<string, number>> {
    return queryEventCounts(this.#readers);
  }

  sampleCount(): Promise<number> {
    return this.#series.count();
  }

  history(query: HistoryQuery): Promise<HistoryView> {
    return queryHistory(this.#readers, this.#series, query);
  }

  gaps(query: { vehicleId: string; from_ms: number; to_ms: number }): Promise<readonly GapView[]> {
    return queryGaps(this.#readers, query);
  }

  frameAt(query: { vehicleId: string; at_ms: number }): Promise<FrameAt | undefined> {
    return queryFrameAt(this.#readers, this.#series, query);
  }

  frames(query: Parameters<TelemetryStore["frames"]>[0]): Promise<readonly FrameView[]> {
    const newest = this.#highWater.get(`${query.vehicleId}/${query.stream}`) ?? 0;
    return queryFrames(this.#readers, query, newest);
  }

  links(query: Parameters<TelemetryStore["links"]>[0]): Promise<readonly LinkView[]> {
    return queryLinks(this.#readers, query);
  }

  events(query: Parameters<TelemetryStore["events"]>[0]): Promise<readonly EventView[]> {
    return queryEvents(this.#readers, query);
  }

  eventsAfter(query: { cursor: number; limit: number }): Promise<readonly EventView[]> {
    return queryEventsAfter(this.#readers, query);
  }

  async event(id: string): Promise<EventView | undefined> {
    const [row] = await this.#readers.query("select * from events where id = $id limit 1", { id });
    return row === undefined ? undefined : eventView(row);
  }

  openAlerts(): Promise<readonly EventView[]> {
    return queryOpenAlerts(this.#readers);
  }

  blocks(query: { before: number; limit: number }): Promise<readonly BlockView[]> {
    return queryBlocks(this.#readers, query);
  }

  block(height: number): Promise<StoredBlock | undefined> {
    return queryBlock(this.#readers, height);
  }

  incidents(limit: number): Promise<readonly IncidentView[]> {
    return queryIncidents(this.#readers, limit);
  }

  /** Leaves one file without a write-ahead log, so that it can be read or copied as it is. */
  async close(): Promise<void> {
    await this.#writer.checkpoint();
    await this.#writer.close();
    this.#series.close();
    this.#readers.close();
    this.#instance.closeSync();
  }
}
