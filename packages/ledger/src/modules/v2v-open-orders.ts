import { type Buy, type BuyTerms, OrderBook, type Sell, type SellTerms } from "@voltfog/market";
import { toHex } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import type { OrderRecord } from "./v2v-records.ts";
import { meetingPointsOf, openOrdersOf, v2vBookOf, v2vRulesOf } from "./v2v-state.ts";

/** One change of an index, and the book's hash before it. */
interface Step {
  readonly before: string;
  readonly put?: Buy | Sell;
  readonly took?: Buy | Sell;
}

/** Steps that can be undone; a block has at most 4096 transactions, and each changes the book once. */
const stepsMax = 16_384;

/** Indexes that are kept: that of the chain's head, and one beside it. */
const indexesMax = 2;

/**
 * An index of the open orders, which stands for one exact content of the book: the one whose hash, in the
 * state, it has. A proposal that is thrown away leaves the index ahead of the state; then its steps are undone
 * until the hashes agree. What no step leads back to is built again from the state.
 */
class OrderIndex {
  readonly orders: OrderBook;
  readonly #steps: Step[] = [];
  #hash: string;

  constructor(state: StateTree) {
    this.#hash = toHex(v2vBookOf(state).hash);
    this.orders = new OrderBook({
      feePerKWh: v2vRulesOf(state).feePerKWh,
      points: meetingPointsOf(state).map(({ position }) => position),
    });
    for (const order of openOrdersOf(state)) this.orders.put(this.orders.reckon(termsOf(order)));
  }

  /** Whether it stands for that content now. */
  stoodAt(hash: string): boolean {
    if (this.#hash === hash) return true;
    const place = this.#steps.findLastIndex(({ before }) => before === hash);
    if (place < 0) return false;
    for (const { put, took } of this.#steps.splice(place).toReversed()) {
      if (put !== undefined) this.orders.take(put.id);
      if (took !== undefined) this.orders.put(took);
    }
    this.#hash = hash;
    return true;
  }

  put(order: Buy | Sell, hash: Uint8Array): void {
    this.orders.put(order);
    this.#note({ before: this.#hash, put: order }, hash);
  }

  take(order: Buy | Sell, hash: Uint8Array): void {
    this.orders.take(order.id);
    this.#note({ before: this.#hash, took: order }, hash);
  }

  #note(step: Step, hash: Uint8Array): void {
    this.#steps.push(step);
    if (this.#steps.length > stepsMax) this.#steps.splice(0, stepsMax / 2);
    this.#hash = toHex(hash);
  }
}

/** Newest last. Shared by all chains of the process: a hash names a content, wherever it is. */
const indexes: OrderIndex[] = [];

/**
 * The index for the book in a state. Costs nothing where the last change is the state's own, the undoing of
 * what was thrown away, or else the building: two looks at the state and a distance to every meeting point
 * for each open order, about half a second at 10,000 orders and 100 meeting points.
 */
export function orderIndexAt(state: StateTree): OrderIndex {
  const hash = toHex(v2vBookOf(state).hash);
  const place = indexes.findLastIndex((index) => index.stoodAt(hash));
  const [known] = place < 0 ? [] : indexes.splice(place, 1);
  const index = known ?? new OrderIndex(state);
  if (indexes.length >= indexesMax) indexes.shift();
  indexes.push(index);
  return index;
}

/** An order's record as the rules of matching read it. */
export function termsOf(order: OrderRecord): BuyTerms | SellTerms {
  const base = {
    id: toHex(order.id),
    owner: toHex(order.account),
    arrival: order.sequence,
    energy_Wh: order.energy_Wh,
    ownPricePerKWh: order.ownPricePerKWh,
    milliWhPerKm: 1000 * order.usePerKm_Wh,
    position: order.position,
  };
  const { pricePerKWh, funds, spare_Wh } = order;
  if (order.side === "sell") return { ...base, side: "sell", pricePerKWh, spare_Wh };
  const maxPricePerKWh = pricePerKWh === 0 ? undefined : pricePerKWh;
  return { ...base, side: "buy", maxPricePerKWh, funds };
}
