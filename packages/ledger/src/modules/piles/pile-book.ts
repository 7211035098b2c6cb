import { dayOf } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isSuspended } from "../account-holders.ts";
import { moveMoney } from "../account-money.ts";
import { type PileDraft, pilesPot } from "./pile-draft.ts";
import { pileBookName } from "./pile-names.ts";
import { type BookEntry, bookMax, encodeBook, type PileOrderRecord } from "./pile-records.ts";
import { pileBook, pileOf, pileOrder } from "./pile-state.ts";

export type Side = "buy" | "sell";

/** One side of a zone's orders for one day. */
export interface BookPlace {
  readonly zone: number;
  readonly day: number;
  readonly side: Side;
}

export function bookOf(order: PileOrderRecord, side: Side = order.side): BookPlace {
  return { zone: order.zone, day: dayOf(order.window.from_ms), side };
}

/** Behind everything of a better or the same price. */
export function withEntry(
  entries: readonly BookEntry[],
  entry: BookEntry,
  side: Side,
): readonly BookEntry[] {
  const isBehind = ({ pricePerKWh }: BookEntry): boolean =>
    side === "buy" ? pricePerKWh < entry.pricePerKWh : pricePerKWh > entry.pricePerKWh;
  const place = entries.findIndex(isBehind);
  return place < 0 ? [...entries, entry] : entries.toSpliced(place, 0, entry);
}

/**
 * Puts an order that waits into its book. A full book gives up the last of a worse price, with its money, so
 * that nobody can close it with orders that nobody wants; false where there is none.
 */
export function enterBook(options: {
  draft: PileDraft;
  orderId: Uint8Array;
  order: PileOrderRecord;
  time_ms: number;
}): boolean {
  const { draft, orderId, order, time_ms } = options;
  const book = bookOf(order);
  let entries = pileBook(draft.state, book);
  if (entries.length >= bookMax) {
    entries = entries.filter((entry) => !closeExpired({ draft, entry, time_ms }));
  }
  const { pricePerKWh } = order;
  const entered = [...withEntry(entries, { orderId, pricePerKWh }, order.side)];
  const worst = entered.length > bookMax ? entered.pop() : undefined;
  if (worst?.orderId === orderId) return false;
  if (worst !== undefined) close({ draft, entry: worst, as: "cancelled" });
  draft.state = draft.state.with(pileBookName(book), encodeBook(entered));
  return true;
}

/** Closes an order whose time is over, with its money back; whether it did. */
export function closeExpired(options: {
  draft: PileDraft;
  entry: BookEntry;
  time_ms: number;
}): boolean {
  const { draft, entry, time_ms } = options;
  const order = pileOrder(draft.state, entry.orderId);
  if (order === undefined || order.expiry_ms > time_ms) return false;
  close({ draft, entry, as: "expired" });
  return true;
}

function close(options: { draft: PileDraft; entry: BookEntry; as: "expired" | "cancelled" }): void {
  const { draft, entry, as } = options;
  const order = pileOrder(draft.state, entry.orderId);
  if (order === undefined) return;
  draft.keep(entry.orderId, { ...order, state: as, locked: 0 });
  draft.state = unlocked(draft.state, order);
}

/** What an order still locks goes back to who placed it. */
export function unlocked(state: StateTree, { account, locked }: PileOrderRecord): StateTree {
  const moved = moveMoney(state, { from: pilesPot, to: account, amount: locked });
  // The pot holds what the records say; were it not so, nothing would move.
  return typeof moved === "string" ? state : moved;
}

export function withoutEntry(
  entries: readonly BookEntry[],
  orderId: Uint8Array,
): readonly BookEntry[] {
  return entries.filter((entry) => !equalBytes(entry.orderId, orderId));
}

/**
 * Walks the other side of the book from its best price while the price suits and something is left: price
 * first, the older first at one price. Orders that have expired leave, those that cannot be served now stay.
 * At most one book of 128 is looked at, and at most eight trades are made.
 */
export function walkBook(options: {
  draft: PileDraft;
  book: BookPlace;
  time_ms: number;
  suits: (pricePerKWh: number) => boolean;
  /** Trades with an order that waits; its record after it, or undefined where that cannot be. */
  trade: (entry: BookEntry, maker: PileOrderRecord) => PileOrderRecord | undefined;
  isDone: () => boolean;
}): void {
  const { draft, book, time_ms } = options;
  const entries = pileBook(draft.state, book);
  const left: BookEntry[] = [];
  for (const [i, entry] of entries.entries()) {
    if (options.isDone() || draft.isFull || !options.suits(entry.pricePerKWh)) {
      left.push(...entries.slice(i));
      break;
    }
    if (closeExpired({ draft, entry, time_ms })) continue;
    const maker = pileOrder(draft.state, entry.orderId);
    const after = maker && options.trade(entry, maker);
    if (after === undefined || after.state === "open") left.push(entry);
  }
  if (left.length === entries.length) return;
  draft.state = draft.state.with(pileBookName(book), encodeBook(left));
}

/** The pile of a sell order, while its owner may act and offers it in the order's zone. */
export function pileOfSell(state: StateTree, sell: PileOrderRecord): ReturnType<typeof pileOf> {
  const pile = pileOf(state, sell.pileKey);
  if (pile === undefined || !equalBytes(pile.owner, sell.account)) return undefined;
  if (isSuspended(state, sell.account)) return undefined;
  return pile.terms.zone === sell.zone ? pile : undefined;
}
