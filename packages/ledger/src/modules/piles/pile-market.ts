import {
  buyFrom,
  costOf,
  dayOf,
  loadedCost,
  loadFactorPpm,
  mulDiv,
  spotPrice,
} from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isSuspended } from "../account-holders.ts";
import { moveMoney } from "../account-money.ts";
import type { TransactionContext, Verdict } from "../module.ts";
import { pileOfSell, walkBook } from "./pile-book.ts";
import { PileDraft, pilesPot } from "./pile-draft.ts";
import { pileLimits } from "./pile-limits.ts";
import type { MarketBuyOrder, PileWindow } from "./pile-orders.ts";
import type { BookEntry, CurveRecord, PileOrderRecord } from "./pile-records.ts";
import { encodeTradeResult } from "./pile-results.ts";
import { pileCurve, pileOf, pileOrder, zonePiles } from "./pile-state.ts";

/** Why a window cannot be traded now: it is empty, over, of two days, or too far ahead. */
export function windowProblem(window: PileWindow, time_ms: number): string | undefined {
  const { from_ms, to_ms } = window;
  const isOneDay = from_ms < to_ms && dayOf(from_ms) === dayOf(to_ms - 1);
  if (!isOneDay || from_ms > time_ms + pileLimits.ahead_ms) return "WINDOW_INVALID";
  return to_ms <= time_ms ? "ORDER_EXPIRED" : undefined;
}

export function energyProblem(energy_Wh: number): string | undefined {
  return energy_Wh < 1 || energy_Wh > pileLimits.energyMax_Wh ? "ENERGY_ABSURD" : undefined;
}

/** What a kilowatt-hour costs a buyer now at the curve, the load in it: for show and for comparing. */
export function pilePrice(curve: CurveRecord, time_ms: number): number {
  return mulDiv(spotPrice(curve), loadFactorPpm(curve, time_ms), 1_000_000);
}

/** What a market order still wants, and what it has cost so far. */
interface Purchase {
  readonly draft: PileDraft;
  readonly context: TransactionContext;
  readonly order: MarketBuyOrder;
  left_Wh: number;
  cost: number;
  locked: number;
}

/**
 * Buys at once or not at all: first from waiting offers that are not dearer than the curve, then idle time
 * of the zone's piles at the curve's price, the pile that was offered first coming first. Every supplier has
 * a contract of its own, at most eight. At most 128 offers and 64 piles are looked at.
 */
export function marketBuy(
  state: StateTree,
  context: TransactionContext,
  order: MarketBuyOrder,
): Verdict {
  const { sender, time_ms, height } = context;
  const curve = pileCurve(state, order.zone);
  if (curve === undefined) return { code: "ZONE_UNKNOWN" };
  const problem = energyProblem(order.energy_Wh) ?? windowProblem(order.window, time_ms);
  if (problem !== undefined) return { code: problem };
  const { orderId } = order;
  if (pileOrder(state, orderId) !== undefined) return { code: "ID_TAKEN" };
  const draft = new PileDraft({ state, context, orderId, curve });
  const record: PileOrderRecord = {
    kind: "market",
    side: "buy",
    state: "filled",
    account: sender.key,
    zone: order.zone,
    energy_Wh: order.energy_Wh,
    filled_Wh: order.energy_Wh,
    pricePerKWh: 0,
    window: order.window,
    expiry_ms: order.window.to_ms,
    pileKey: new Uint8Array(32),
    locked: 0,
    height,
  };
  draft.keep(orderId, record);
  const purchase = { draft, context, order, left_Wh: order.energy_Wh, cost: 0, locked: 0 };
  buyFromBook(purchase);
  buyFromCurve(purchase);
  if (purchase.left_Wh > 0) return { code: "SUPPLY_TOO_LOW" };
  // A sum beyond whole numbers is above any limit.
  if (purchase.cost > order.maxCost || !Number.isSafeInteger(purchase.locked))
    return { code: "COST_ABOVE_MAX" };
  draft.keepCurve();
  const amount = purchase.locked;
  const paid = moveMoney(draft.state, { from: sender.key, to: pilesPot, amount });
  if (typeof paid === "string") return { code: paid };
  return { code: "OK", state: paid, data: encodeTradeResult(draft.result) };
}

function buyFromBook(purchase: Purchase): void {
  const { draft, context, order } = purchase;
  const priceMax = pilePrice(draft.curve, context.time_ms);
  walkBook({
    draft,
    book: { zone: order.zone, day: dayOf(order.window.from_ms), side: "sell" },
    time_ms: context.time_ms,
    suits: (pricePerKWh) => pricePerKWh <= priceMax,
    isDone: () => purchase.left_Wh === 0,
    trade: (entry, sell) => takeOffer(purchase, entry, sell),
  });
}

function takeOffer(
  purchase: Purchase,
  { orderId: sellOrder }: BookEntry,
  sell: PileOrderRecord,
): PileOrderRecord | undefined {
  const { draft, order, context } = purchase;
  const pile = pileOfSell(draft.state, sell);
  if (pile === undefined || equalBytes(pile.owner, context.sender.key)) return undefined;
  const energy_Wh = Math.min(purchase.left_Wh, sell.energy_Wh - sell.filled_Wh);
  const placement = draft.place({ pile, energy_Wh, windows: [order.window, sell.window] });
  if (placement === undefined) return undefined;
  const { pileKey, pricePerKWh } = sell;
  const cost = costOf({ energy_Wh: placement.energy_Wh, pricePerKWh });
  bought(purchase, { pile, pileKey, placement, cost, sellOrder, curveGeneration: 0 });
  const filled_Wh = sell.filled_Wh + placement.energy_Wh;
  const after = {
    ...sell,
    filled_Wh,
    state: filled_Wh === sell.energy_Wh ? "filled" : "open",
  } as const;
  draft.keep(sellOrder, after);
  return after;
}

/** One pile after the other; the price climbs with every watt-hour. */
function buyFromCurve(purchase: Purchase): void {
  const { draft, context, order } = purchase;
  const factorPpm = loadFactorPpm(draft.curve, context.time_ms);
  for (const pileKey of zonePiles(draft.state, order.zone)) {
    if (purchase.left_Wh === 0 || draft.isFull) return;
    const pile = pileOf(draft.state, pileKey);
    if (pile === undefined || equalBytes(pile.owner, context.sender.key)) continue;
    if (isSuspended(draft.state, pile.owner)) continue;
    const energy_Wh = purchase.left_Wh;
    const placement = draft.place({ pile, energy_Wh, windows: [order.window] });
    const conversion = placement && buyFrom(draft.curve, placement.energy_Wh);
    if (placement === undefined || conversion === undefined) continue;
    const cost = loadedCost(conversion.amount, factorPpm);
    const { floorPricePerKWh } = pile.terms;
    if (cost < costOf({ energy_Wh: placement.energy_Wh, pricePerKWh: floorPricePerKWh })) continue;
    const curveGeneration = draft.curve.generation;
    draft.curve = { ...draft.curve, ...conversion.after };
    bought(purchase, { pile, pileKey, placement, cost, sellOrder: undefined, curveGeneration });
  }
}

function bought(
  purchase: Purchase,
  fill: Pick<
    Parameters<PileDraft["fill"]>[0],
    "pile" | "pileKey" | "placement" | "cost" | "sellOrder" | "curveGeneration"
  >,
): void {
  const { draft, order, context } = purchase;
  const { cost, margin } = draft.fill({
    ...fill,
    buyOrder: order.orderId,
    buyer: context.sender.key,
    marginMax: Number.MAX_SAFE_INTEGER,
  });
  purchase.left_Wh -= fill.placement.energy_Wh;
  purchase.cost += cost;
  purchase.locked += cost + margin;
}
