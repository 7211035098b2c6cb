import { costOf, marginOf } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isSuspended } from "../account-holders.ts";
import { moveMoney } from "../account-money.ts";
import type { TransactionContext, Verdict } from "../module.ts";
import { bookOf, enterBook, pileOfSell, unlocked, walkBook, withoutEntry } from "./pile-book.ts";
import { PileDraft, pilesPot } from "./pile-draft.ts";
import { pileLimits } from "./pile-limits.ts";
import { energyProblem, windowProblem } from "./pile-market.ts";
import { pileBookName } from "./pile-names.ts";
import type { LimitOrder } from "./pile-orders.ts";
import { type CurveRecord, encodeBook, type PileOrderRecord } from "./pile-records.ts";
import { encodeTradeResult } from "./pile-results.ts";
import { pileBook, pileCurve, pileOf, pileOrder } from "./pile-state.ts";

interface NumberedOrder {
  readonly orderId: Uint8Array;
  readonly order: PileOrderRecord;
}

/**
 * Trades at once with orders that wait and suit, at their price, the best one first; what is left waits in
 * the book of its day until it is filled, cancelled or over. A buyer's money is locked for all of it.
 */
export function placeLimit(
  state: StateTree,
  context: TransactionContext,
  limit: LimitOrder,
): Verdict {
  const curve = pileCurve(state, limit.zone);
  if (curve === undefined) return { code: "ZONE_UNKNOWN" };
  const problem = limitProblem(state, context, limit);
  if (problem !== undefined) return { code: problem };
  const order = recordOf(limit, context, curve);
  const { orderId } = limit;
  const payment = { from: context.sender.key, to: pilesPot, amount: order.locked };
  const paid = moveMoney(state, payment);
  if (typeof paid === "string") return { code: paid };
  const draft = new PileDraft({ state: paid, context, orderId, curve });
  draft.keep(orderId, order);
  const after = matched({ draft, context, orderId, order });
  if (after.state === "filled") draft.state = unlocked(draft.state, after);
  const closed = after.state === "filled" ? { ...after, locked: 0 } : after;
  draft.keep(orderId, closed);
  const { time_ms } = context;
  if (closed.state === "open" && !enterBook({ draft, orderId, order: closed, time_ms })) {
    return { code: "BOOK_FULL" };
  }
  return { code: "OK", state: draft.state, data: encodeTradeResult(draft.result) };
}

function limitProblem(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  limit: LimitOrder,
): string | undefined {
  const { pricePerKWh, window, expiry_ms, pileKey } = limit;
  const problem = energyProblem(limit.energy_Wh) ?? windowProblem(window, time_ms);
  if (problem !== undefined) return problem;
  if (pricePerKWh < 1 || pricePerKWh > pileLimits.pricePerKWhMax) return "PRICE_ABSURD";
  if (expiry_ms <= time_ms) return "ORDER_EXPIRED";
  if (expiry_ms > window.to_ms) return "WINDOW_INVALID";
  if (pileOrder(state, limit.orderId) !== undefined) return "ID_TAKEN";
  if (pileKey === undefined) return undefined;
  const pile = pileOf(state, pileKey);
  if (pile === undefined || pile.terms.zone !== limit.zone) return "PILE_UNKNOWN";
  return equalBytes(pile.owner, sender.key) ? undefined : "NOT_AUTHORISED";
}

function recordOf(
  limit: LimitOrder,
  { sender, height }: TransactionContext,
  { catalogue }: CurveRecord,
): PileOrderRecord {
  const { zone, side, energy_Wh, pricePerKWh, window, expiry_ms } = limit;
  const dearest = Math.max(catalogue.valleyPricePerKWh, catalogue.peakPricePerKWh);
  const locked =
    costOf({ energy_Wh, pricePerKWh }) + marginOf({ energy_Wh, cataloguePricePerKWh: dearest });
  return {
    kind: "limit",
    side,
    state: "open",
    account: sender.key,
    zone,
    energy_Wh,
    filled_Wh: 0,
    pricePerKWh,
    window,
    expiry_ms,
    pileKey: limit.pileKey ?? new Uint8Array(32),
    locked: side === "buy" ? locked : 0,
    height,
  };
}

/** The order after every trade that it can make now. */
function matched(options: {
  draft: PileDraft;
  context: TransactionContext;
  orderId: Uint8Array;
  order: PileOrderRecord;
}): PileOrderRecord {
  const { draft, context, orderId } = options;
  const { side, pricePerKWh: limit } = options.order;
  let taker = options.order;
  walkBook({
    draft,
    book: bookOf(taker, side === "buy" ? "sell" : "buy"),
    time_ms: context.time_ms,
    suits: (pricePerKWh) => (side === "buy" ? pricePerKWh <= limit : pricePerKWh >= limit),
    isDone: () => taker.state === "filled",
    trade: ({ orderId: makerId, pricePerKWh }, maker) => {
      const own = { orderId, order: taker };
      const other = { orderId: makerId, order: maker };
      const [buy, sell] = side === "buy" ? [own, other] : [other, own];
      const traded = trade({ draft, buy, sell, pricePerKWh });
      if (traded === undefined) return undefined;
      taker = side === "buy" ? traded.buy : traded.sell;
      const after = side === "buy" ? traded.sell : traded.buy;
      return closedMaker(draft, makerId, after);
    },
  });
  return taker;
}

/** A waiting order that was filled gets back what its price locked too much. */
function closedMaker(
  draft: PileDraft,
  orderId: Uint8Array,
  maker: PileOrderRecord,
): PileOrderRecord {
  const isFilled = maker.state === "filled";
  if (isFilled) draft.state = unlocked(draft.state, maker);
  const after = isFilled ? { ...maker, locked: 0 } : maker;
  draft.keep(orderId, after);
  return after;
}

/** One contract between two orders, where the pile has idle time in both windows. */
function trade(options: {
  draft: PileDraft;
  buy: NumberedOrder;
  sell: NumberedOrder;
  pricePerKWh: number;
}): { buy: PileOrderRecord; sell: PileOrderRecord } | undefined {
  const { draft, pricePerKWh } = options;
  const { order: buy, orderId: buyOrder } = options.buy;
  const { order: sell, orderId: sellOrder } = options.sell;
  const pile = pileOfSell(draft.state, sell);
  if (pile === undefined || equalBytes(buy.account, sell.account)) return undefined;
  if (isSuspended(draft.state, buy.account)) return undefined;
  const left_Wh = buy.energy_Wh - buy.filled_Wh;
  const energy_Wh = Math.min(left_Wh, sell.energy_Wh - sell.filled_Wh);
  const placement = draft.place({ pile, energy_Wh, windows: [buy.window, sell.window] });
  if (placement === undefined) return undefined;
  const cost = costOf({ energy_Wh: placement.energy_Wh, pricePerKWh });
  const reserved = costOf({ energy_Wh: left_Wh, pricePerKWh: buy.pricePerKWh });
  const contract = draft.fill({
    buyOrder,
    sellOrder,
    buyer: buy.account,
    pileKey: sell.pileKey,
    pile,
    placement,
    cost,
    // The catalogue may have changed since the money was locked.
    marginMax: buy.locked - reserved,
    curveGeneration: 0,
  });
  const locked = buy.locked - contract.cost - contract.margin;
  return {
    buy: { ...filledBy(buy, placement.energy_Wh), locked },
    sell: filledBy(sell, placement.energy_Wh),
  };
}

function filledBy(order: PileOrderRecord, energy_Wh: number): PileOrderRecord {
  const filled_Wh = order.filled_Wh + energy_Wh;
  return { ...order, filled_Wh, state: filled_Wh === order.energy_Wh ? "filled" : "open" };
}

/** Takes an order that waits out of its book; its money goes back, also after its time is over. */
export function cancelOrder(
  state: StateTree,
  context: TransactionContext,
  orderId: Uint8Array,
): Verdict {
  const order = pileOrder(state, orderId);
  if (order === undefined) return { code: "ORDER_UNKNOWN" };
  if (!equalBytes(order.account, context.sender.key)) return { code: "NOT_AUTHORISED" };
  if (order.state !== "open") return { code: "ORDER_CLOSED" };
  const curve = pileCurve(state, order.zone);
  if (curve === undefined) return { code: "ZONE_UNKNOWN" };
  const draft = new PileDraft({ state: unlocked(state, order), context, orderId, curve });
  const isOver = order.expiry_ms <= context.time_ms;
  draft.keep(orderId, { ...order, state: isOver ? "expired" : "cancelled", locked: 0 });
  const book = bookOf(order);
  const left = withoutEntry(pileBook(draft.state, book), orderId);
  const after = draft.state.with(pileBookName(book), encodeBook(left));
  return { code: "OK", state: after, data: encodeTradeResult(draft.result) };
}
