import type { Finality } from "../api/responses.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import type { Policies, PolicyChange, PolicyOrder } from "./policies.ts";

/** The event that an order became, and how far the chain has it as verified here. */
export interface OrderEvent extends NonNullable<PolicyOrder["event"]> {
  /** Null while it has not come here from its unit. */
  readonly finality: Finality | null;
  readonly finalHeight: number | null;
}

export interface PolicyChangeView extends Omit<PolicyChange, "order"> {
  readonly order: { readonly event: OrderEvent | null } | null;
}

export interface PoliciesView extends Omit<Policies, "changes"> {
  readonly changes: readonly PolicyChangeView[];
}

/** Looks up what the events of orders came to; of one that is final nothing changes any more. */
export class OrderEvents {
  readonly #store: Pick<TelemetryStore, "event">;
  #final = new Map<string, OrderEvent>();

  constructor(store: Pick<TelemetryStore, "event">) {
    this.#store = store;
  }

  /** One look into the store for each event that is not final, of as many changes as there are. */
  async follow<T extends Policies>(policies: T): Promise<Omit<T, "changes"> & PoliciesView> {
    const changes = await Promise.all(policies.changes.map((change) => this.#viewOf(change)));
    const events = changes.flatMap(({ order }) => order?.event ?? []);
    // Only what is asked about is kept: the list of changes bounds it.
    this.#final = new Map(
      events.filter(({ finality }) => finality === "final").map((event) => [event.id, event]),
    );
    return { ...policies, changes };
  }

  async #viewOf({ order, ...change }: PolicyChange): Promise<PolicyChangeView> {
    if (order === null || order.event === null)
      return { ...change, order: order && { event: null } };
    return { ...change, order: { event: await this.#eventOf(order.event) } };
  }

  async #eventOf({ id, unitId }: NonNullable<PolicyOrder["event"]>): Promise<OrderEvent> {
    const known = this.#final.get(id);
    if (known !== undefined) return known;
    const stored = await this.#store.event(id);
    const finality = stored?.finality ?? null;
    return { id, unitId, finality, finalHeight: stored?.finalHeight ?? null };
  }
}
