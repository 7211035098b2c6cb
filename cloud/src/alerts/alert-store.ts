import {
  numberAt,
  numberOrNullAt,
  textAt,
  textOrNullAt,
  whole,
  wholeOrNull,
} from "../store/row-values.ts";
import type { SideDatabase, SideTransaction } from "../store/side-database.ts";
import type { Alert, AlertNews } from "./alert.ts";

export type DeliveryState = "waiting" | "delivered" | "given-up";

/** One message to one receiver. */
export interface Delivery {
  readonly id: number;
  readonly receiver: string;
  readonly alertId: number;
  readonly news: AlertNews;
  readonly created_ms: number;
  readonly attempts: number;
  /** Not tried before. */
  readonly next_ms: number;
  readonly state: DeliveryState;
  readonly ended_ms: number | null;
  readonly error: string | null;
  /** The alert as it was then, as JSON. */
  readonly body: string;
  /** Messages of one receiver are in order within a lane; one that waits holds up no other lane. */
  readonly lane: string;
  /** The frame that a notice on the chain rests on, and its unit, once they are known; JSON. */
  readonly restsOn: string | null;
  /** The event that recorded it, where the receiver is the chain. */
  readonly eventId: string | null;
}

export interface AlertQuery {
  readonly vehicleId?: string;
  /** Of these vehicles alone. */
  readonly vehicleIds?: readonly string[];
  readonly state?: Alert["state"];
  /** Only lower ids. */
  readonly before: number;
  readonly limit: number;
}

/** What changes together: an alert is never there without the messages about it, nor a cursor without either. */
export interface AlertChange {
  readonly alerts: readonly Alert[];
  readonly deliveries: readonly Delivery[];
  /** Events up to this cursor were looked at. */
  readonly eventCursor?: number;
}

/** Alerts and their deliveries on the disk. Throws the database's codes. */
export class AlertStore {
  readonly #database: SideDatabase;

  constructor(database: SideDatabase) {
    this.#database = database;
  }

  async eventCursor(): Promise<number> {
    const [row] = await this.#database.query(
      "select position from alert_cursors where source = 'events'",
    );
    return row === undefined ? 0 : numberAt(row, "position");
  }

  /** Alerts that stand, and those that were closed since a moment. */
  async current(closedSince_ms: number): Promise<readonly Alert[]> {
    const rows = await this.#database.query(
      "select body from alerts where state <> 'closed' or closed_ms >= $since::bigint order by id",
      { since: whole(closedSince_ms) },
    );
    return rows.map((row) => JSON.parse(textAt(row, "body")) as Alert);
  }

  /** The highest ids that were given. */
  async newestIds(): Promise<{ readonly alert: number; readonly delivery: number }> {
    const [row] = await this.#database.query(
      `select (select coalesce(max(id), 0) from alerts) as alert,
        (select coalesce(max(id), 0) from deliveries) as delivery`,
    );
    return row === undefined
      ? { alert: 0, delivery: 0 }
      : { alert: numberAt(row, "alert"), delivery: numberAt(row, "delivery") };
  }

  commit({ alerts, deliveries, eventCursor }: AlertChange): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      for (const alert of alerts) await replaceAlert(transaction, alert);
      await transaction.append("deliveries", deliveries.map(deliveryValues));
      if (eventCursor === undefined) return;
      await transaction.run("delete from alert_cursors where source = 'events'");
      await transaction.append("alert_cursors", [["events", whole(eventCursor)]]);
    });
  }

  /** Newest first. */
  async alerts(query: AlertQuery): Promise<readonly Alert[]> {
    const { vehicleId, vehicleIds, state } = query;
    const among = vehicleIds === undefined ? "" : "and list_contains($ids::varchar[], vehicle_id)";
    const rows = await this.#database.query(
      `select body from alerts where id < $before::bigint
        and ($vehicle::varchar is null or vehicle_id = $vehicle)
        and ($state::varchar is null or state = $state) ${among}
        order by id desc limit $limit::bigint`,
      {
        before: whole(query.before),
        vehicle: vehicleId ?? null,
        state: state ?? null,
        limit: whole(query.limit),
        // JSON spells a list of identifiers as DuckDB reads one.
        ...(vehicleIds === undefined ? {} : { ids: `[${vehicleIds.join(",")}]` }),
      },
    );
    return rows.map((row) => JSON.parse(textAt(row, "body")) as Alert);
  }

  async alert(id: number): Promise<Alert | undefined> {
    const [row] = await this.#database.query("select body from alerts where id = $id::bigint", {
      id: whole(id),
    });
    return row === undefined ? undefined : (JSON.parse(textAt(row, "body")) as Alert);
  }

  /** Of one alert, oldest first. */
  async deliveries(alertId: number): Promise<readonly Delivery[]> {
    const rows = await this.#database.query(
      "select * from deliveries where alert_id = $id::bigint order by id limit 200",
      { id: whole(alertId) },
    );
    return rows.map(deliveryOf);
  }

  /** The oldest waiting message of each receiver and lane, those that are due first; at most 256. */
  async heads(): Promise<readonly Delivery[]> {
    const rows = await this.#database.query(
      `select * from deliveries where id in (
        select min(id) from deliveries where state = 'waiting'
          group by receiver, coalesce(lane, '')) order by next_ms, id limit 256`,
    );
    return rows.map(deliveryOf);
  }

  /** How a try went. */
  settle(delivery: Delivery): Promise<void> {
    const { id, attempts, next_ms, state, ended_ms, error, eventId } = delivery;
    return this.#database.transaction((transaction) =>
      transaction.run(
        `update deliveries set attempts = $attempts::integer, next_ms = $next::bigint, state = $state,
          ended_ms = $ended::bigint, error = $error, event_id = $event where id = $id::bigint`,
        {
          ...{ id: whole(id), attempts, next: whole(next_ms), state },
          ...{ ended: wholeOrNull(ended_ms), error, event: eventId },
        },
      ),
    );
  }

  /** Keeps what a message rests on before it is first sent, so that every further try says the same. */
  pin(id: number, restsOn: string): Promise<void> {
    return this.#database.transaction((transaction) =>
      transaction.run("update deliveries set rests_on = $on where id = $id::bigint", {
        ...{ id: whole(id), on: restsOn },
      }),
    );
  }

  /** Removes what ended long ago. */
  prune(before: { readonly alerts_ms: number; readonly deliveries_ms: number }): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await transaction.run("delete from alerts where closed_ms < $at::bigint", {
        at: whole(before.alerts_ms),
      });
      await transaction.run("delete from deliveries where ended_ms < $at::bigint", {
        at: whole(before.deliveries_ms),
      });
    });
  }
}

async function replaceAlert(transaction: SideTransaction, alert: Alert): Promise<void> {
  await transaction.run("delete from alerts where id = $id::bigint", { id: whole(alert.id) });
  const { id, key, vehicleId, state, level, opened_ms, last_ms, closed_ms } = alert;
  await transaction.append("alerts", [
    [
      ...[whole(id), key, vehicleId, state, level, whole(opened_ms), whole(last_ms)],
      ...[wholeOrNull(closed_ms), JSON.stringify(alert)],
    ],
  ]);
}

function deliveryValues(delivery: Delivery): (string | number | bigint | null)[] {
  const { id, receiver, alertId, news, created_ms, attempts, next_ms, state } = delivery;
  return [
    ...[whole(id), receiver, whole(alertId), news, whole(created_ms), attempts, whole(next_ms)],
    ...[state, wholeOrNull(delivery.ended_ms), delivery.error, delivery.body],
    ...[delivery.lane, delivery.restsOn, delivery.eventId],
  ];
}

type DeliveryRow = Parameters<typeof numberAt>[0];

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: numberAt(row, "id"),
    receiver: textAt(row, "receiver"),
    alertId: numberAt(row, "alert_id"),
    news: textAt(row, "news") as AlertNews,
    created_ms: numberAt(row, "created_ms"),
    attempts: numberAt(row, "attempts"),
    next_ms: numberAt(row, "next_ms"),
    state: textAt(row, "state") as DeliveryState,
    ended_ms: numberOrNullAt(row, "ended_ms"),
    error: textOrNullAt(row, "error"),
    body: textAt(row, "body"),
    lane: textOrNullAt(row, "lane") ?? "",
    restsOn: textOrNullAt(row, "rests_on"),
    eventId: textOrNullAt(row, "event_id"),
  };
}
