import { type DuckDBConnection, listValue } from "@duckdb/node-api";
import { type BatteryEvent, noticeClasses, standingLevel } from "@voltfog/messages";
import type { EventView } from "../api/responses.ts";
import { appendRows, type ReaderPool, type Row, selectRows } from "./connections.ts";
import { readPosition, writePosition } from "./entry-commit.ts";
import { finalityOf } from "./frame-queries.ts";
import { identifierList, numberAt, numberOrNullAt, textAt, whole } from "./row-values.ts";
import type { FeedEvent } from "./telemetry-store.ts";

/**
 * Moves the cursor and stores what is new, in one transaction. A unit repeats an event when its
 * state changes, and a restarted unit may repeat a few: the id decides.
 */
export async function storeEvents(
  connection: DuckDBConnection,
  feed: {
    unitId: string;
    logName?: string;
    cursor: number;
    events: readonly FeedEvent[];
    nextCursor: number;
  },
): Promise<readonly EventView[]> {
  const known = await knownIds(
    connection,
    feed.events.map(({ event }) => event.id),
  );
  const eventsById = new Map(feed.events.map(({ event }) => [event.id, event]));
  const fresh: EventView[] = [];
  for (const { event, salt, recorded_ms } of feed.events) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    const final = await readFinality(connection, event.id);
    fresh.push({ ...event, cursor: feed.nextCursor + fresh.length, recorded_ms, salt, ...final });
  }
  await appendRows(
    connection,
    "event_rows",
    fresh.map((view) => [
      whole(view.cursor),
      view.id,
      feed.unitId,
      view.class,
      view.state,
      view.level,
      view.vehicleId,
      view.functionId,
      view.unit,
      whole(view.at_ms),
      whole(view.recorded_ms),
      view.salt,
      JSON.stringify(eventsById.get(view.id)),
    ]),
  );
  const { logName = feed.unitId } = feed;
  const position = await readPosition(connection, logName);
  await writePosition(connection, logName, { ...position, eventCursor: feed.cursor });
  return fresh;
}

async function knownIds(
  connection: DuckDBConnection,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await selectRows(
    connection,
    "select id from event_rows where list_contains($ids::varchar[], id)",
    { ids: listValue([...ids]) },
  );
  return new Set(rows.map((row) => textAt(row, "id")));
}

type EventFinality = Pick<EventView, "finality" | "finalHeight" | "final_ms" | "resultIndex">;

const logged: EventFinality = {
  finality: "logged",
  finalHeight: null,
  final_ms: null,
  resultIndex: null,
};

async function readFinality(connection: DuckDBConnection, id: string): Promise<EventFinality> {
  const [row] = await selectRows(
    connection,
    `select height as final_height, result_index, final_ms from event_finality
      where id = $id limit 1`,
    { id },
  );
  return row === undefined ? logged : eventFinality(row);
}

function eventFinality(row: Row): EventFinality {
  return { ...finalityOf(row), resultIndex: numberOrNullAt(row, "result_index") };
}

export function eventView(row: Row): EventView {
  return {
    ...(JSON.parse(textAt(row, "event")) as BatteryEvent),
    cursor: numberAt(row, "cursor"),
    recorded_ms: numberAt(row, "recorded_ms"),
    salt: textAt(row, "salt"),
    ...eventFinality(row),
  };
}

export async function queryEvents(
  readers: ReaderPool,
  query: {
    vehicleId?: string;
    vehicleIds?: readonly string[];
    class?: string;
    before: number;
    limit: number;
  },
): Promise<readonly EventView[]> {
  const { vehicleIds } = query;
  const among =
    vehicleIds === undefined ? "" : "and vehicle_id in (select unnest($vehicleIds::varchar[]))";
  const rows = await readers.query(
    `select * from events where cursor < $before::bigint
      and ($vehicleId::varchar is null or vehicle_id = $vehicleId)
      and ($class::varchar is null or class = $class) ${among}
      order by cursor desc limit $limit::bigint`,
    {
      before: whole(query.before),
      vehicleId: query.vehicleId ?? null,
      class: query.class ?? null,
      limit: whole(query.limit),
      ...(vehicleIds === undefined ? {} : { vehicleIds: identifierList(vehicleIds) }),
    },
  );
  return rows.map(eventView);
}

export async function queryEventsAfter(
  readers: ReaderPool,
  query: { cursor: number; limit: number },
): Promise<readonly EventView[]> {
  const rows = await readers.query(
    "select * from events where cursor > $cursor::bigint order by cursor limit $limit::bigint",
    { cursor: whole(query.cursor), limit: whole(query.limit) },
  );
  return rows.map(eventView);
}

export async function queryEventCounts(readers: ReaderPool): Promise<ReadonlyMap<string, number>> {
  const rows = await readers.query(
    "select vehicle_id, count(*) as n from event_rows group by vehicle_id",
  );
  return new Map(rows.map((row) => [textAt(row, "vehicle_id"), numberAt(row, "n")]));
}

/** The newest event of each condition, where a level of it stands and it is no notice. */
export async function queryOpenAlerts(readers: ReaderPool): Promise<readonly EventView[]> {
  const rows = await readers.query(
    `select * from events where cursor in (
      select arg_max(cursor, (at_ms, cursor)) from event_rows
      where not list_contains($notices::varchar[], class)
      group by vehicle_id, function_id, class, coalesce(event->>'$.condition', value_unit))
      order by cursor`,
    { notices: listValue([...noticeClasses]) },
  );
  return rows.map(eventView).filter((event) => standingLevel(event) > 0);
}
