import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { CodedError, toHex } from "@voltfog/runtime";
import { appendSamples } from "./append-samples.ts";
import { appendRows, selectRows } from "./connections.ts";
import { type LinkChanges, type OpenLinks, storeLinks } from "./link-rows.ts";
import { blob, bytesAt, numberAt, textAt, whole, wholeOrNull } from "./row-values.ts";
import type { EntryBatch, EntryCommit, EntryRow, LogPosition } from "./telemetry-store.ts";

/** The newest sequence stored of each vehicle's streams: a frame above it can't be a duplicate. */
export type HighWater = Map<string, number>;

export async function readHighWater(connection: DuckDBConnection): Promise<HighWater> {
  const rows = await selectRows(
    connection,
    `select vehicle_id, stream, max(sequence) as newest from entries
      where kind = 'frame' group by vehicle_id, stream`,
  );
  return new Map(rows.map((row) => [streamOf(row), numberAt(row, "newest")]));
}

function streamOf(row: Parameters<typeof textAt>[0]): string {
  return `${textAt(row, "vehicle_id")}/${textAt(row, "stream")}`;
}

export async function readPosition(
  connection: DuckDBConnection,
  unitId: string,
): Promise<LogPosition> {
  const [row] = await selectRows(
    connection,
    "select size, tree, event_cursor from positions where unit_id = $unitId",
    { unitId },
  );
  if (row === undefined) return { size: 0, tree: new Uint8Array(), eventCursor: 0 };
  return {
    size: numberAt(row, "size"),
    tree: bytesAt(row, "tree"),
    eventCursor: numberAt(row, "event_cursor"),
  };
}

export async function writePosition(
  connection: DuckDBConnection,
  unitId: string,
  position: LogPosition,
): Promise<void> {
  await connection.run("delete from positions where unit_id = $unitId", { unitId });
  await appendRows(connection, "positions", [
    [unitId, whole(position.size), blob(position.tree), whole(position.eventCursor)],
  ]);
}

/** STORE_POSITION where it does not. */
export function requireContinues(batch: EntryBatch, position: LogPosition): void {
  if (position.size === batch.from) return;
  throw new CodedError({
    code: "STORE_POSITION",
    message: `the store holds ${position.size} entries of ${batch.unitId}, the batch starts at ${batch.from}`,
  });
}

/** Rows, cursor and tree in one transaction: a batch is stored exactly once or not at all. */
export async function storeEntries(
  connection: DuckDBConnection,
  options: { batch: EntryBatch; highWater: HighWater; open: OpenLinks; withSamples: boolean },
): Promise<EntryCommit & { readonly links: LinkChanges }> {
  const { batch, highWater, open } = options;
  const position = await readPosition(connection, batch.unitId);
  requireContinues(batch, position);
  const duplicates = await findDuplicates(connection, { rows: batch.rows, highWater });
  await appendRows(
    connection,
    "entries",
    batch.rows.map((row) => entryValues(row, { batch, duplicate: duplicates.has(row.logIndex) })),
  );
  await appendRows(
    connection,
    "gaps",
    batch.rows.flatMap((row) => gapValues(row, batch.unitId)),
  );
  if (options.withSamples) {
    await appendSamples(connection, {
      rows: batch.rows.filter((row) => !duplicates.has(row.logIndex)),
      samples: batch.samples,
    });
  }
  const links = await storeLinks(connection, { batch, open });
  await writePosition(connection, batch.unitId, {
    size: batch.from + batch.rows.length,
    tree: batch.tree,
    eventCursor: position.eventCursor,
  });
  return { duplicates, links, linksClosed: closedPerVehicle(links) };
}

function closedPerVehicle({ closed }: LinkChanges): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { link } of closed) {
    counts.set(link.vehicleId, (counts.get(link.vehicleId) ?? 0) + 1);
  }
  return counts;
}

export function raiseHighWater(highWater: HighWater, rows: readonly EntryRow[]): void {
  for (const row of rows) {
    if (row.kind !== "frame") continue;
    const stream = `${row.vehicleId}/${row.stream}`;
    highWater.set(stream, Math.max(highWater.get(stream) ?? 0, row.sequence));
  }
}

/**
 * A vehicle that changes units before its receipt arrives sends the same frame again, and both
 * logs hold it. Its samples count once, in the log that was stored first.
 */
async function findDuplicates(
  connection: DuckDBConnection,
  options: { rows: readonly EntryRow[]; highWater: HighWater },
): Promise<Set<number>> {
  const suspects = new Map<string, EntryRow[]>();
  for (const row of options.rows) {
    const stream = `${row.vehicleId}/${row.stream}`;
    if (row.kind !== "frame" || row.sequence > (options.highWater.get(stream) ?? 0)) continue;
    suspects.set(stream, [...(suspects.get(stream) ?? []), row]);
  }
  const duplicates = new Set<number>();
  for (const rows of suspects.values()) {
    const stored = await storedCommitments(connection, rows);
    for (const row of rows) {
      if (stored.has(toHex(row.commitment))) duplicates.add(row.logIndex);
    }
  }
  return duplicates;
}

async function storedCommitments(
  connection: DuckDBConnection,
  suspects: readonly EntryRow[],
): Promise<Set<string>> {
  const [first] = suspects;
  if (first === undefined) return new Set();
  let lowest = first.sequence;
  let highest = first.sequence;
  for (const row of suspects) {
    lowest = Math.min(lowest, row.sequence);
    highest = Math.max(highest, row.sequence);
  }
  const rows = await selectRows(
    connection,
    `select commitment from entries where kind = 'frame' and vehicle_id = $vehicleId
      and stream = $stream and sequence between $lowest::bigint and $highest::bigint`,
    {
      vehicleId: first.vehicleId,
      stream: first.stream,
      lowest: whole(lowest),
      highest: whole(highest),
    },
  );
  return new Set(rows.map((row) => toHex(bytesAt(row, "commitment"))));
}

function entryValues(
  row: EntryRow,
  options: { batch: EntryBatch; duplicate: boolean },
): DuckDBValue[] {
  return [
    options.batch.unitId,
    whole(row.logIndex),
    row.kind,
    row.code,
    row.vehicleId,
    row.stream,
    whole(row.sequence),
    blob(row.commitment),
    row.samples,
    options.duplicate,
    row.origin,
    row.source,
    row.alarm,
    wholeOrNull(row.wall_ms),
    whole(row.accepted_ms),
    whole(options.batch.stored_ms),
    blob(row.entry),
    blob(row.frame),
  ];
}

function gapValues(row: EntryRow, unitId: string): DuckDBValue[][] {
  const { gap } = row;
  if (gap === null) return [];
  return [
    [
      row.vehicleId,
      unitId,
      whole(row.logIndex),
      row.stream,
      whole(gap.firstSequence),
      whole(gap.lastSequence),
      whole(gap.samples),
      whole(gap.from_ms),
      whole(gap.to_ms),
      gap.cause,
    ],
  ];
}
