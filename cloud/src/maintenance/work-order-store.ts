import { numberAt, textAt, whole } from "../store/row-values.ts";
import type { SideDatabase, SideTransaction } from "../store/side-database.ts";

export const workKinds = ["inspection", "balancing", "repair", "replacement"] as const;
export type WorkKind = (typeof workKinds)[number];

/** What was found: something that was put right, or nothing. */
export const outcomes = ["fixed", "false-alarm"] as const;
export type Outcome = (typeof outcomes)[number];

/** Work on one vehicle, from its order to what was found. */
export interface WorkOrder {
  readonly id: number;
  readonly vehicleId: string;
  readonly work: WorkKind;
  readonly reason: string;
  /** The alert that it answers; null where none does. */
  readonly alertId: number | null;
  /** That a fault fails soon, as the ranking said when the order was made; null where it said nothing. */
  readonly faultProbability: number | null;
  readonly state: "open" | "done";
  readonly created_ms: number;
  readonly createdBy: string;
  readonly outcome: Outcome | null;
  readonly outcomeNote: string | null;
  readonly outcome_ms: number | null;
  readonly outcomeBy: string | null;
}

/** How often what was expected was found: the orders with an outcome and a probability. */
export interface TrackRecord {
  readonly fixed: number;
  readonly falseAlarms: number;
  /** Sum of the probabilities that those orders were made with. */
  readonly expected: number;
}

export const workOrderTables: readonly string[] = [
  "create table if not exists work_orders(id bigint, vehicle_id varchar, state varchar, body varchar)",
  `create table if not exists work_order_outcomes(
    order_id bigint, vehicle_id varchar, outcome varchar, fault_probability double, at_ms bigint)`,
];

const openMax = 10_000;

/** Work orders on the disk. Throws the database's codes. */
export class WorkOrderStore {
  readonly #database: SideDatabase;

  constructor(database: SideDatabase) {
    this.#database = database;
  }

  /** undefined where too many are open. */
  create(
    order: Pick<
      WorkOrder,
      "vehicleId" | "work" | "reason" | "alertId" | "faultProbability" | "created_ms" | "createdBy"
    >,
  ): Promise<WorkOrder | undefined> {
    return this.#database.transaction(async (transaction) => {
      const [row] = await transaction.select(
        `select coalesce(max(id), 0) as id, count(*) filter (where state = 'open') as open
          from work_orders`,
      );
      if (row === undefined || numberAt(row, "open") >= openMax) return undefined;
      const nothing = { outcome: null, outcomeNote: null, outcome_ms: null, outcomeBy: null };
      const made: WorkOrder = { id: numberAt(row, "id") + 1, ...order, state: "open", ...nothing };
      await replace(transaction, made);
      return made;
    });
  }

  /** The outcome is said once; undefined where there is no such order, the order as it is where it is done. */
  close(o: {
    id: number;
    outcome: Outcome;
    note: string | null;
    by: string;
    at_ms: number;
  }): Promise<{ readonly order: WorkOrder; readonly isNew: boolean } | undefined> {
    return this.#database.transaction(async (transaction) => {
      const [row] = await transaction.select(
        "select body from work_orders where id = $id::bigint",
        {
          id: whole(o.id),
        },
      );
      if (row === undefined) return undefined;
      const known = JSON.parse(textAt(row, "body")) as WorkOrder;
      if (known.state === "done") return { order: known, isNew: false };
      const said = {
        outcome: o.outcome,
        outcomeNote: o.note,
        outcome_ms: o.at_ms,
        outcomeBy: o.by,
      };
      const order: WorkOrder = { ...known, state: "done", ...said };
      await replace(transaction, order);
      await transaction.append("work_order_outcomes", [
        [whole(o.id), order.vehicleId, o.outcome, order.faultProbability, whole(o.at_ms)],
      ]);
      return { order, isNew: true };
    });
  }

  async order(id: number): Promise<WorkOrder | undefined> {
    const [row] = await this.#database.query(
      "select body from work_orders where id = $id::bigint",
      {
        id: whole(id),
      },
    );
    return row === undefined ? undefined : (JSON.parse(textAt(row, "body")) as WorkOrder);
  }

  /** Newest first. */
  async orders(query: {
    vehicleId?: string;
    vehicleIds?: readonly string[];
    state?: WorkOrder["state"];
    before: number;
    limit: number;
  }): Promise<readonly WorkOrder[]> {
    const { vehicleIds } = query;
    const among = vehicleIds === undefined ? "" : "and list_contains($ids::varchar[], vehicle_id)";
    const rows = await this.#database.query(
      `select body from work_orders where id < $before::bigint
        and ($vehicle::varchar is null or vehicle_id = $vehicle)
        and ($state::varchar is null or state = $state) ${among}
        order by id desc limit $limit::bigint`,
      {
        ...{ before: whole(query.before), vehicle: query.vehicleId ?? null },
        ...{ state: query.state ?? null, limit: whole(query.limit) },
        ...(vehicleIds === undefined ? {} : { ids: `[${vehicleIds.join(",")}]` }),
      },
    );
    return rows.map((row) => JSON.parse(textAt(row, "body")) as WorkOrder);
  }

  async record(): Promise<TrackRecord> {
    const [row] = await this.#database.query(
      `select count(*) filter (where outcome = 'fixed') as fixed,
        count(*) filter (where outcome = 'false-alarm') as wrong,
        coalesce(sum(fault_probability), 0) as expected
        from work_order_outcomes where fault_probability is not null`,
    );
    return row === undefined
      ? { fixed: 0, falseAlarms: 0, expected: 0 }
      : {
          fixed: numberAt(row, "fixed"),
          falseAlarms: numberAt(row, "wrong"),
          expected: numberAt(row, "expected"),
        };
  }
}

async function replace(transaction: SideTransaction, order: WorkOrder): Promise<void> {
  await transaction.run("delete from work_orders where id = $id::bigint", { id: whole(order.id) });
  await transaction.append("work_orders", [
    [whole(order.id), order.vehicleId, order.state, JSON.stringify(order)],
  ]);
}
