import { accepted, type Crypto, type Outcome, refused, toHex, utf8 } from "@voltfog/runtime";
import type { RecordedEvent } from "../events/event-record.ts";
import type { EventFinding } from "../events/event-register.ts";
import type { FrameReference } from "../functions/network-function.ts";
import type { PolicyOrder } from "./policy-order.ts";

export interface OrderDeskOptions {
  /** The newest frame of a vehicle that the unit's log holds. */
  readonly newestOf: (vehicleId: string) => Promise<FrameReference | undefined>;
  /** The place of the log's next entry. */
  readonly logSize: () => number;
  readonly crypto: Crypto;
  /** Takes the event; its id, or undefined for what no event can say. */
  readonly record: (deed: EventFinding) => string | undefined;
  /** Whether the event is durable, once everything that was taken is settled. */
  readonly isKept: (eventId: string) => Promise<boolean>;
}

export interface OrderProblem {
  readonly code: "ORDER_INVALID" | "ORDER_NOT_KEPT";
  readonly detail: string;
}

/** What became of an order. */
export interface OrderTaken {
  readonly eventId: string;
  /** It was recorded before: this one is a repeat. */
  readonly isRepeat: boolean;
}

/** Orders are few and come again within seconds, or after the controller's restart; memory is bounded by this. */
const knownMax = 10_000;
const prefix = "order ";
/** Whom an order about an address concerns: nobody in particular. */
const everybody = "site";

/**
 * Journals an operator's orders as events of this unit, and so on the chain, each once however often it is
 * sent, over restarts. It rests on the vehicle's newest frame here; an order about an address, or about a
 * vehicle of which the unit has none, rests on itself: its commitment is that of the order.
 */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  /** Event ids by order. */
  readonly #known = new Map<string, string>();

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier life of the unit recorded; call for each event in order. */
  restore({ event }: Pick<RecordedEvent, "event">): void {
    const { class: eventClass, condition = "" } = event;
    if (eventClass !== "quarantine" || !condition.startsWith(prefix)) return;
    this.#remember(condition.slice(prefix.length), event.id);
  }

  /** The event is durable when this resolves with its id. */
  async take(order: PolicyOrder): Promise<Outcome<OrderTaken, OrderProblem>> {
    const frame = this.#known.has(order.id) ? undefined : await this.#frameOf(order);
    // The same order may have come a second time while the log was read.
    const before = this.#known.get(order.id);
    const eventId =
      before ?? (frame === undefined ? undefined : this.#options.record(findingOf(order, frame)));
    if (eventId === undefined) {
      return refused({ code: "ORDER_INVALID", detail: "no event can say this" });
    }
    this.#remember(order.id, eventId);
    if (await this.#options.isKept(eventId)) {
      return accepted({ eventId, isRepeat: before !== undefined });
    }
    this.#known.delete(order.id);
    return refused({ code: "ORDER_NOT_KEPT", detail: "the unit's disk takes no events" });
  }

  async #frameOf(order: PolicyOrder): Promise<FrameReference> {
    const newest = await this.#options.newestOf(order.subject);
    if (newest !== undefined) return newest;
    const { crypto, logSize } = this.#options;
    const { id, at_ms, who, action, subject, why } = order;
    const text = JSON.stringify([id, at_ms, who, action, subject, why]);
    const commitment = toHex(crypto.sha256(utf8(text)));
    const logIndex = logSize();
    return { logIndex, stream: "telemetry", sequence: 1, commitment, origin: "measured" };
  }

  #remember(id: string, eventId: string): void {
    this.#known.set(id, eventId);
    const [oldest] = this.#known.keys();
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
  }
}

const done: Readonly<Record<PolicyOrder["action"], string>> = {
  quarantine: "is put out",
  release: "is let back in",
  deny: "may not connect",
  allow: "may connect again",
};

function findingOf(order: PolicyOrder, frame: FrameReference): EventFinding {
  const { id, at_ms, who, action, subject, why } = order;
  const isVehicle = action === "quarantine" || action === "release";
  const isAddress = /[.:]/.test(subject);
  return {
    functionId: "traffic",
    functionVersion: "1.0.0",
    vehicleId: isVehicle && !isAddress ? subject : everybody,
    frame,
    at_ms,
    condition: `${prefix}${id}`,
    class: "quarantine",
    state: action === "quarantine" || action === "deny" ? "asserted" : "cleared",
    level: 2,
    // What was ordered, not a condition that a function could find again.
    standing: 0,
    cell: null,
    value: 1,
    limit: 0,
    unit: "orders",
    sentence: `${subject} ${done[action]}, ordered by ${who}: ${why}`,
  };
}
