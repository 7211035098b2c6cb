import type { DuckDBConnection } from "@duckdb/node-api";
import type { BlockView } from "../api/responses.ts";
import { storeChainRows } from "./chain-rows.ts";
import { appendRows, type ReaderPool, type Row, selectRows } from "./connections.ts";
import { blob, bytesAt, numberAt, numberOrNullAt, textAt, whole } from "./row-values.ts";
import type {
  BlockRecord,
  FinalCheckpoint,
  FinalDelta,
  StoredBlock,
  VerifiedRange,
} from "./telemetry-store.ts";

/** A block with all that it did. Heights are consecutive, so a repeat can't be stored twice. */
export async function storeBlock(connection: DuckDBConnection, record: BlockRecord): Promise<void> {
  const { view } = record;
  await appendRows(connection, "blocks", [
    [
      whole(view.height),
      view.hash,
      whole(view.time_ms),
      whole(record.final_ms),
      view.proposer,
      view.round,
      view.transactions,
      view.checkpoints,
      view.events,
      JSON.stringify(view.signers),
      whole(view.size_bytes),
      blob(record.block),
      blob(record.certificate),
    ],
  ]);
  await appendRows(
    connection,
    "results",
    record.results.map(({ index, bytes }) => [whole(view.height), whole(index), blob(bytes)]),
  );
  await storeChainRows(connection, record);
  await appendRows(
    connection,
    "checkpoints",
    record.checkpoints.map((checkpoint) => [
      checkpoint.unitId,
      whole(checkpoint.size),
      blob(checkpoint.root),
      whole(checkpoint.height),
      whole(checkpoint.resultIndex),
      whole(checkpoint.final_ms),
    ]),
  );
  await appendRows(
    connection,
    "event_finality",
    record.events.map((event) => [
      event.id,
      whole(event.height),
      whole(event.resultIndex),
      whole(event.final_ms),
    ]),
  );
}

export async function storeSnapshot(
  connection: DuckDBConnection,
  snapshot: { height: number; bytes: Uint8Array },
): Promise<void> {
  await connection.run("delete from snapshots");
  await appendRows(connection, "snapshots", [[whole(snapshot.height), blob(snapshot.bytes)]]);
}

/** Covers the log up to a size as final, and says what that raised. */
export async function storeFinality(
  connection: DuckDBConnection,
  range: FinalCheckpoint & { tree: Uint8Array },
): Promise<readonly FinalDelta[]> {
  const [before] = await selectRows(
    connection,
    "select coalesce(max(size), 0) as size from finality where unit_id = $unitId",
    { unitId: range.unitId },
  );
  const from = before === undefined ? 0 : numberAt(before, "size");
  if (range.size <= from) return [];
  // Only the newest tree is needed to go on; older ones would be a table of their own.
  await connection.run(
    "update finality set tree = null where unit_id = $unitId and tree is not null",
    {
      unitId: range.unitId,
    },
  );
  await appendRows(connection, "finality", [
    [
      range.unitId,
      whole(range.size),
      whole(range.height),
      whole(range.resultIndex),
      whole(range.final_ms),
      blob(range.tree),
    ],
  ]);
  const rows = await selectRows(
    connection,
    `select vehicle_id, count(*) as frames, sum(sample_count)::bigint as samples from entries
      where unit_id = $unitId and log_index >= $start::bigint and log_index < $stop::bigint
      and kind = 'frame' and not duplicate group by vehicle_id`,
    { unitId: range.unitId, start: whole(from), stop: whole(range.size) },
  );
  return rows.map((row) => ({
    vehicleId: textAt(row, "vehicle_id"),
    frames: numberAt(row, "frames"),
    samples: numberAt(row, "samples"),
  }));
}

export async function queryFinalRange(readers: ReaderPool, unitId: string): Promise<VerifiedRange> {
  const [row] = await readers.query(
    "select size, height, tree from finality where unit_id = $unitId order by size desc limit 1",
    { unitId },
  );
  if (row === undefined) return { unitId, size: 0, height: null, tree: new Uint8Array() };
  return {
    unitId,
    size: numberAt(row, "size"),
    height: numberOrNullAt(row, "height"),
    tree: bytesAt(row, "tree"),
  };
}

export async function queryNextCheckpoint(
  readers: ReaderPool,
  above: { unitId: string; size: number },
): Promise<FinalCheckpoint | undefined> {
  const [row] = await readers.query(
    `select * from checkpoints where unit_id = $unitId and size > $size::bigint
      order by size limit 1`,
    { unitId: above.unitId, size: whole(above.size) },
  );
  if (row === undefined) return undefined;
  return {
    unitId: above.unitId,
    size: numberAt(row, "size"),
    root: bytesAt(row, "root"),
    height: numberAt(row, "height"),
    resultIndex: numberAt(row, "result_index"),
    final_ms: numberAt(row, "final_ms"),
  };
}

export async function queryBlocks(
  readers: ReaderPool,
  query: { before: number; limit: number },
): Promise<readonly BlockView[]> {
  const rows = await readers.query(
    `select * exclude (block, certificate) from blocks where height < $before::bigint
      order by height desc limit $limit::bigint`,
    { before: whole(query.before), limit: whole(query.limit) },
  );
  return rows.map(blockView);
}

export async function queryBlock(
  readers: ReaderPool,
  height: number,
): Promise<StoredBlock | undefined> {
  const [row] = await readers.query("select * from blocks where height = $height::bigint", {
    height: whole(height),
  });
  if (row === undefined) return undefined;
  const results = await readers.query(
    "select bytes from results where height = $height::bigint order by result_index",
    { height: whole(height) },
  );
  return {
    view: blockView(row),
    block: bytesAt(row, "block"),
    certificate: bytesAt(row, "certificate"),
    results: results.map((result) => bytesAt(result, "bytes")),
  };
}

function blockView(row: Row): BlockView {
  return {
    height: numberAt(row, "height"),
    hash: textAt(row, "hash"),
    time_ms: numberAt(row, "time_ms"),
    proposer: textAt(row, "proposer"),
    round: numberAt(row, "round"),
    transactions: numberAt(row, "transactions"),
    checkpoints: numberAt(row, "checkpoints"),
    events: numberAt(row, "events"),
    signers: JSON.parse(textAt(row, "signers")) as string[],
    size_bytes: numberAt(row, "size_bytes"),
  };
}
