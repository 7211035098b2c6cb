import type { DuckDBConnection } from "@duckdb/node-api";
import type { Stream } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { LinkView } from "../api/responses.ts";
import { appendRows, type ReaderPool, type Row, selectRows } from "./connections.ts";
import {
  blob,
  bytesAt,
  bytesOrNullAt,
  identifierList,
  numberAt,
  numberOrNullAt,
  textAt,
  textOrNullAt,
  whole,
} from "./row-values.ts";
import type { EntryBatch, EntryRow } from "./telemetry-store.ts";

/** An entry that its unit could not link, as long as the frame before it is not stored. */
interface OpenLink {
  readonly unitId: string;
  readonly logIndex: number;
  readonly vehicleId: string;
  readonly stream: Stream;
  readonly previous: Uint8Array;
  readonly follows: number;
}

interface Closing {
  readonly link: OpenLink;
  readonly by: { readonly unitId: string; readonly logIndex: number };
}

/** What one batch did to the links. */
export interface LinkChanges {
  readonly opened: readonly OpenLink[];
  readonly closed: readonly Closing[];
}

/** Links that are watched; beyond it the oldest stay open until the next start reads them again. */
const watchedMax = 100_000;

/** The open links by the commitment that each waits for, so that a batch costs no query of the table. */
export class OpenLinks {
  readonly #awaited = new Map<string, readonly OpenLink[]>();
  #size = 0;

  static async read(connection: DuckDBConnection): Promise<OpenLinks> {
    const rows = await selectRows(
      connection,
      `select * from links where closed_ms is null and previous is not null
        order by accepted_ms desc limit ${watchedMax}`,
    );
    const links = new OpenLinks();
    for (const row of [...rows].reverse()) links.#add(openLink(row));
    return links;
  }

  get size(): number {
    return this.#size;
  }

  awaiting(row: EntryRow): readonly OpenLink[] {
    if (this.#size === 0) return [];
    const waiting = this.#awaited.get(toHex(row.commitment)) ?? [];
    return waiting.filter((link) => isBefore(row, link));
  }

  /** After the changes are durable. */
  apply({ opened, closed }: LinkChanges): void {
    const gone = new Set(closed.map(({ link }) => link));
    for (const link of opened) if (!gone.has(link)) this.#add(link);
    for (const { link } of closed) this.#drop(link);
  }

  #add(link: OpenLink): void {
    const key = toHex(link.previous);
    this.#awaited.set(key, [...(this.#awaited.get(key) ?? []), link]);
    this.#size += 1;
    if (this.#size <= watchedMax) return;
    for (const oldest of this.#awaited.values()) {
      for (const passed of oldest) this.#drop(passed);
      return;
    }
  }

  #drop(link: OpenLink): void {
    const key = toHex(link.previous);
    const before = this.#awaited.get(key) ?? [];
    const left = before.filter((other) => other !== link);
    this.#size -= before.length - left.length;
    if (left.length === 0) this.#awaited.delete(key);
    else this.#awaited.set(key, left);
  }
}

/**
 * Notes which entries of a batch are unlinked, and closes every link whose frame before is now stored,
 * in whichever log: an entry of the same vehicle and stream with the commitment that the frame names and
 * the number right before it. Call it when the batch's own entries are in the table.
 */
export async function storeLinks(
  connection: DuckDBConnection,
  options: { batch: EntryBatch; open: OpenLinks },
): Promise<LinkChanges> {
  const { batch, open } = options;
  const unlinked = batch.rows.filter((row) => row.unlinked !== null);
  await appendRows(
    connection,
    "unlinked",
    unlinked.map((row) => unlinkedValues(row, batch.unitId)),
  );
  const opened = unlinked.flatMap((row) => linkOf(row, batch.unitId));
  const closed = [
    ...batch.rows.flatMap((row) =>
      open.awaiting(row).map((link) => ({
        link,
        by: { unitId: batch.unitId, logIndex: row.logIndex },
      })),
    ),
    ...(await closedByStored(connection, opened)),
  ];
  await appendRows(
    connection,
    "link_closings",
    closed.map(({ link, by }) => [
      link.unitId,
      whole(link.logIndex),
      by.unitId,
      whole(by.logIndex),
      whole(batch.stored_ms),
    ]),
  );
  return { opened, closed };
}

function isBefore(
  row: { vehicleId: string; stream: Stream; sequence: number },
  link: OpenLink,
): boolean {
  return (
    row.vehicleId === link.vehicleId && row.stream === link.stream && row.sequence === link.follows
  );
}

export function unlinkedValues(
  row: Pick<
    EntryRow,
    "logIndex" | "vehicleId" | "stream" | "sequence" | "unlinked" | "accepted_ms"
  >,
  unitId: string,
): Parameters<typeof appendRows>[2][number] {
  return [
    unitId,
    whole(row.logIndex),
    row.vehicleId,
    row.stream,
    whole(row.sequence),
    row.unlinked?.previous === undefined ? null : blob(row.unlinked.previous),
    whole(row.unlinked?.follows ?? 0),
    whole(row.accepted_ms),
  ];
}

function linkOf(row: EntryRow, unitId: string): readonly OpenLink[] {
  const { logIndex, vehicleId, stream, unlinked } = row;
  if (unlinked?.previous === undefined) return [];
  const { previous, follows } = unlinked;
  return [{ unitId, logIndex, vehicleId, stream, previous, follows }];
}

/** A roaming vehicle opens one link at a time, so this is seldom more than one query. */
async function closedByStored(
  connection: DuckDBConnection,
  opened: readonly OpenLink[],
): Promise<readonly Closing[]> {
  const streams = new Map<string, OpenLink[]>();
  for (const link of opened) {
    const name = `${link.vehicleId}/${link.stream}`;
    streams.set(name, [...(streams.get(name) ?? []), link]);
  }
  const closed: Closing[] = [];
  for (const links of streams.values()) {
    const stored = await storedBefore(connection, links);
    for (const link of links) {
      const by = stored.get(`${link.follows} ${toHex(link.previous)}`);
      if (by !== undefined) closed.push({ link, by });
    }
  }
  return closed;
}

/** Where the frames stand that links of one stream may wait for, by number and commitment. */
async function storedBefore(
  connection: DuckDBConnection,
  links: readonly OpenLink[],
): Promise<ReadonlyMap<string, Closing["by"]>> {
  const [first] = links;
  if (first === undefined) return new Map();
  const numbers = links.map(({ follows }) => follows);
  const rows = await selectRows(
    connection,
    `select unit_id, log_index, sequence, commitment from entries
      where vehicle_id = $vehicleId and stream = $stream
      and sequence between $lowest::bigint and $highest::bigint`,
    {
      vehicleId: first.vehicleId,
      stream: first.stream,
      lowest: whole(numbers.reduce((a, b) => Math.min(a, b))),
      highest: whole(numbers.reduce((a, b) => Math.max(a, b))),
    },
  );
  return new Map(
    rows.map((row) => [
      `${numberAt(row, "sequence")} ${toHex(bytesAt(row, "commitment"))}`,
      { unitId: textAt(row, "unit_id"), logIndex: numberAt(row, "log_index") },
    ]),
  );
}

function openLink(row: Row): OpenLink {
  return {
    unitId: textAt(row, "unit_id"),
    logIndex: numberAt(row, "log_index"),
    vehicleId: textAt(row, "vehicle_id"),
    stream: textAt(row, "stream") as Stream,
    previous: bytesAt(row, "previous"),
    follows: numberAt(row, "follows"),
  };
}

/** Newest first. */
export async function queryLinks(
  readers: ReaderPool,
  query: {
    vehicleId?: string;
    vehicleIds?: readonly string[];
    state: LinkView["state"];
    limit: number;
  },
): Promise<readonly LinkView[]> {
  const { vehicleIds } = query;
  const mine = query.vehicleId === undefined ? "" : "and vehicle_id = $vehicleId";
  const among =
    vehicleIds === undefined ? "" : "and vehicle_id in (select unnest($vehicleIds::varchar[]))";
  const rows = await readers.query(
    `select * from links where (closed_ms is null) = $open ${mine} ${among}
      order by accepted_ms desc, log_index desc limit $limit::bigint`,
    {
      open: query.state === "open",
      limit: whole(query.limit),
      ...(query.vehicleId === undefined ? {} : { vehicleId: query.vehicleId }),
      ...(vehicleIds === undefined ? {} : { vehicleIds: identifierList(vehicleIds) }),
    },
  );
  return rows.map(linkView);
}

function linkView(row: Row): LinkView {
  const previous = bytesOrNullAt(row, "previous");
  const closed_ms = numberOrNullAt(row, "closed_ms");
  return {
    vehicleId: textAt(row, "vehicle_id"),
    stream: textAt(row, "stream") as Stream,
    sequence: numberAt(row, "sequence"),
    unitId: textAt(row, "unit_id"),
    logIndex: numberAt(row, "log_index"),
    previous: previous === null ? null : toHex(previous),
    follows: numberAt(row, "follows"),
    accepted_ms: numberAt(row, "accepted_ms"),
    state: closed_ms === null ? "open" : "closed",
    closed_ms,
    byUnitId: textOrNullAt(row, "by_unit_id"),
    byLogIndex: numberOrNullAt(row, "by_log_index"),
  };
}
