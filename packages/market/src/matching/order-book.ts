import { assert } from "@voltfog/runtime";
import {
  type CellSide,
  emptyCell,
  isAtBound,
  placeInCell,
  withBuy,
  withSell,
} from "./book-cell.ts";
import { BuyLimits } from "./buy-limits.ts";
import { type Candidate, termsOf } from "./candidate.ts";
import { distance_mm, placeOf } from "./distance.ts";
import { BuySearch } from "./find-buy.ts";
import { type SearchFrame, SellSearch } from "./find-sell.ts";
import {
  type BookFrame,
  type Buy,
  type BuyTerms,
  type OrderId,
  reckonBuy,
  reckonSell,
  type Sell,
  type SellTerms,
} from "./open-order.ts";
import type { Position } from "./position.ts";
import type { MatchTerms } from "./terms.ts";

/** Two orders, the place of their meeting point in the book's list, and the sums' terms. */
export interface Match {
  readonly buy: Buy;
  readonly sell: Sell;
  readonly point: number;
  readonly terms: MatchTerms;
}

/**
 * Open orders, indexed by area cell (the nearest meeting point) and, inside it, by price for sells and by the
 * cost of the nearest way for buys. The same orders give the same matches, in whatever order they were put
 * in. An arrival costs one distance for each meeting point, a sort of these, one bound for each cell, and the
 * orders of the cells whose bound is not above the best found: some ten to hundred microseconds with ten
 * thousand orders. At worst, where every order passes the bounds and none is feasible, orders × points.
 */
export class OrderBook {
  readonly #frame: BookFrame;
  readonly #between_mm: Float64Array;
  readonly #buys: readonly CellSide<Buy>[];
  readonly #sells: readonly CellSide<Sell>[];
  readonly #limits: BuyLimits;
  readonly #open = new Map<OrderId, Buy | Sell>();

  /**
   * Meeting points in the order of their ids, of one kind, the kind of all orders' positions. An ask that at
   * most `fewMax` buys allow is held against each of them; it changes no match.
   */
  constructor(options: { feePerKWh: number; points: readonly Position[]; fewMax?: number }) {
    const { feePerKWh, points } = options;
    this.#limits = new BuyLimits(options.fewMax);
    const places = points.map(placeOf);
    this.#frame = { feePerKWh, places };
    this.#between_mm = Float64Array.from(
      places.flatMap((from) => places.map((to) => distance_mm(from, to))),
    );
    this.#buys = places.map(() => emptyCell<Buy>());
    this.#sells = places.map(() => emptyCell<Sell>());
  }

  get size(): number {
    return this.#open.size;
  }

  at(id: OrderId): Buy | Sell | undefined {
    return this.#open.get(id);
  }

  /** What the book needs to know of an order; it is not put in yet. */
  reckon(terms: BuyTerms | SellTerms): Buy | Sell {
    return terms.side === "buy" ? reckonBuy(terms, this.#frame) : reckonSell(terms, this.#frame);
  }

  put(order: Buy | Sell): void {
    assert(!this.#open.has(order.id), "an order is in the book once");
    this.#open.set(order.id, order);
    if (order.side === "buy") {
      const cell = inCell(this.#buys, order);
      cell.orders.splice(placeInCell(cell.orders, order), 0, order);
      if (!cell.isStale) cell.bounds = withBuy(cell.bounds, order);
      this.#limits.put(order);
    } else {
      const cell = inCell(this.#sells, order);
      cell.orders.splice(placeInCell(cell.orders, order), 0, order);
      if (!cell.isStale) cell.bounds = withSell(cell.bounds, order);
    }
  }

  take(id: OrderId): void {
    const order = this.#open.get(id);
    assert(order !== undefined, "what is taken out is in the book");
    this.#open.delete(id);
    if (order.side === "buy") {
      takeFrom(inCell(this.#buys, order), order);
      this.#limits.take(order);
    } else takeFrom(inCell(this.#sells, order), order);
  }

  /** The best open order and meeting point for one that arrives; nothing changes. */
  bestFor(
    order: Buy | Sell,
    isBarred: (other: Buy | Sell) => boolean = () => false,
  ): Match | undefined {
    const { feePerKWh, places } = this.#frame;
    const points = places.length;
    const frame: SearchFrame = { feePerKWh, between_mm: this.#between_mm, points, isBarred };
    const best =
      order.side === "buy"
        ? new SellSearch(frame, order).run(this.#sells)
        : new BuySearch(frame, order).run(this.#buys, this.#limits.from(order.pricePerKWh));
    return best && matchOf(best, feePerKWh);
  }
}

function matchOf(best: Candidate, feePerKWh: number): Match {
  const { buy, sell, point } = best;
  return { buy, sell, point, terms: termsOf(best, feePerKWh) };
}

function inCell<Order extends Buy | Sell>(
  cells: readonly CellSide<Order>[],
  order: Order,
): CellSide<Order> {
  const cell = cells[order.cell];
  assert(cell !== undefined, "there are meeting points");
  return cell;
}

function takeFrom<Order extends Buy | Sell>(cell: CellSide<Order>, order: Order): void {
  const place = placeInCell(cell.orders, order);
  assert(cell.orders[place]?.id === order.id, "an order is found where it was put");
  cell.orders.splice(place, 1);
  cell.isStale ||= isAtBound(cell.bounds, order);
}
