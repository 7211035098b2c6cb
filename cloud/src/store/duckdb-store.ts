import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
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
import {
  queryBlock,
  queryBlocks,
  queryFinalRange,
  queryNextCheckpoint,
  storeBlock,
  storeFinality,
  storeSnapshot,
} from "./block-rows.ts";
import { ReaderPool, selectRows, Writer } from "./connections.ts";
import {
  type HighWater,
  raiseHighWater,
  readHighWater,
  readPosition,
  storeEntries,
} from "./entry-commit.ts";
import { eventView, queryEvents, queryOpenAlerts, storeEvents } from "./event-rows.ts";
import { queryFrameAt, queryFrames, queryVehicleTotals } from "./frame-queries.ts";
import { type HistoryQuery, queryGaps, queryHistory } from "./history-query.ts";
import { queryIncidents, storeIncident } from "./incident-rows.ts";
import { OpenLinks, queryLinks } from "./link-rows.ts";
import { bytesAt, numberAt, whole } from "./row-values.ts";
import { schemaSql, schemaVersion } from "./schema.ts";
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
  TelemetryStore,
  VehicleTotals,
  VerifiedRange,
} from "./telemetry-store.ts";
import { upgrade } from "./upgrade.ts";

const readerConnections = 3;
const queryMax_ms = 15_000;

/**
 * The telemetry store in one DuckDB file, `<folder>/telemetry.duckdb`. One process at a time:
 * STORE_UNREADABLE when another has it or the file is not ours, with what to do.
 */
export async function openDuckDbStore(options: {
  folder: string;
  memoryMax_bytes: number;
  clock: Clock;
}): Promise<TelemetryStore> {
  mkdirSync(options.folder, { recursive: true });
  const path = join(options.folder, "telemetry.duckdb");
  try {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(`set memory_limit = '${Math.floor(options.memoryMax_bytes / 1e6)}MB'`);
    await connection.run("set preserve_insertion_order = false");
    await connection.run("set checkpoint_threshold = '64MB'");
    await prepareTables(connection);
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
      highWater: await readHighWater(connection),
      nextCursor: (newest === undefined ? 0 : numberAt(newest, "cursor")) + 1,
    });
  } catch (thrown) {
    throw new CodedError({
      code: "STORE_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "stop the other process that uses it, or name another data folder",
      cause: thrown,
    });
  }
}

async function prepareTables(connection: DuckDBConnection): Promise<void> {
  await connection.run("begin");
  for (const sql of schemaSql) await connection.run(sql);
  const [stored] = await selectRows(connection, "select version from store_version");
  if (stored === undefined)
    await connection.run(`insert into store_version values (${schemaVersion})`);
  else await upgrade(connection, numberAt(stored, "version"));
  await connection.run("commit");
}

class DuckDbStore implements TelemetryStore {
  readonly #instance: DuckDBInstance;
  readonly #writer: Writer;
  readonly #readers: ReaderPool;
  readonly #highWater: HighWater;
  #openLinks: OpenLinks | undefined;
  #nextCursor: number;

  constructor(options: {
    instance: DuckDBInstance;
    writer: Writer;
    readers: ReaderPool;
    highWater: HighWater;
    nextCursor: number;
  }) {
    this.#instance = options.instance;
    this.#writer = options.writer;
    this.#readers = options.readers;
    this.#highWater = options.highWater;
    this.#nextCursor = options.nextCursor;
  }

  position(unitId: string): Promise<LogPosition> {
    return this.#writer.transaction((connection) => readPosition(connection, unitId));
  }

  async commitEntries(batch: EntryBatch): Promise<EntryCommit> {
    const { links, open, ...commit } = await this.#writer.transaction(async (connection) => {
      const open = this.#openLinks ?? (await OpenLinks.read(connection));
      // Taken away until the commit is known to hold: where it is not, the table says what is open.
      this.#openLinks = undefined;
      const stored = await storeEntries(connection, { batch, highWater: this.#highWater, open });
      // Raised before the commit is known to hold: too high a mark costs a look, too low a double.
      raiseHighWater(this.#highWater, batch.rows);
      return { ...stored, open };
    });
    // Runs before the next transaction does: that one has to wait for its own "begin" first.
    open.apply(links);
    this.#openLinks = open;
    return commit;
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

  async eventCount(): Promise<number> {
    const [row] = await this.#readers.query("select count(*) as n from event_rows");
    return row === undefined ? 0 : numberAt(row, "n");
  }

  history(query: HistoryQuery): Promise<HistoryView> {
    return queryHistory(this.#readers, query);
  }

  gaps(query: { vehicleId: string; from_ms: number; to_ms: number }): Promise<readonly GapView[]> {
    return queryGaps(this.#readers, query);
  }

  frameAt(query: { vehicleId: string; at_ms: number }): Promise<FrameAt | undefined> {
    return queryFrameAt(this.#readers, query);
  }

  frames(query: Parameters<TelemetryStore["frames"]>[0]): Promise<readonly FrameView[]> {
    return queryFrames(this.#readers, query);
  }

  links(query: Parameters<TelemetryStore["links"]>[0]): Promise<readonly LinkView[]> {
    return queryLinks(this.#readers, query);
  }

  events(query: Parameters<TelemetryStore["events"]>[0]): Promise<readonly EventView[]> {
    return queryEvents(this.#readers, query);
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

  block(
    height: number,
  ): Promise<{ view: BlockView; block: Uint8Array; results: readonly Uint8Array[] } | undefined> {
    return queryBlock(this.#readers, height);
  }

  incidents(limit: number): Promise<readonly IncidentView[]> {
    return queryIncidents(this.#readers, limit);
  }

  /** Leaves one file without a write-ahead log, so that it can be read or copied as it is. */
  async close(): Promise<void> {
    await this.#writer.checkpoint();
    await this.#writer.close();
    this.#readers.close();
    this.#instance.closeSync();
  }
}
