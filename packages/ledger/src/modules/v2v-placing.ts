import { amountsOf, type Buy, type Match, paymentOf, type Sell } from "@voltfog/market";
import { assert, equalBytes, fromHex, toHex } from "@voltfog/runtime";
import { deviceName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { holderOf, isOpened } from "./account-holders.ts";
import { moveMoney, type Pot } from "./account-money.ts";
import { keyIdOf } from "./device-record.ts";
import { readDeviceRecord } from "./devices.ts";
import type { TransactionContext, Verdict } from "./module.ts";
import { ordersOpenMax, withBook, withClosedOrder, withOpenOrder, withOrder, withTrade, withVehicleBusy } from "./v2v-book.ts"; // biome-ignore format: one line
import { buyProblem, sellProblem } from "./v2v-limits.ts";
import { orderIndexAt, termsOf } from "./v2v-open-orders.ts";
import type { BuyOrder, SellOrder } from "./v2v-orders.ts";
import { encodePlacedOrder, type OrderRecord, type TradeRecord } from "./v2v-records.ts";
import {
  linkedVehicleOf,
  meetingPointsOf,
  tradeIdOf,
  v2vBookOf,
  v2vOrderOf,
  v2vRulesOf,
} from "./v2v-state.ts";

/** Where a buy order's funds wait. */
export function orderPot(orderId: Uint8Array): Pot {
  return { pot: `v2v-order/${toHex(orderId)}` };
}

/** Where a trade's money waits for both statements. */
export function tradePot(tradeId: Uint8Array): Pot {
  return { pot: `v2v/${toHex(tradeId)}` };
}

export function sell(state: StateTree, context: TransactionContext, order: SellOrder): Verdict {
  const problem = sellProblem(order) ?? placingProblem(state, context, order);
  if (problem !== undefined) return { code: problem };
  const { energy_Wh, spare_Wh, pricePerKWh } = order;
  const record = recordOf(state, context, order);
  return arrive(state, context, { ...record, side: "sell", energy_Wh, spare_Wh, pricePerKWh });
}

export function buy(state: StateTree, context: TransactionContext, order: BuyOrder): Verdict {
  const problem = buyProblem(order) ?? placingProblem(state, context, order);
  if (problem !== undefined) return { code: problem };
  const { energy_Wh, maxPricePerKWh: pricePerKWh, funds, orderId } = order;
  const from = context.sender.key;
  const locked = moveMoney(state, { from, to: orderPot(orderId), amount: funds });
  if (typeof locked === "string") return { code: locked };
  const record = recordOf(state, context, order);
  return arrive(locked, context, { ...record, side: "buy", energy_Wh, pricePerKWh, funds });
}

type AnyOrder = Pick<SellOrder, "orderId" | "vehicle" | "position" | "ownPricePerKWh">;

function placingProblem(
  state: StateTree,
  context: TransactionContext,
  { orderId, vehicle, position }: AnyOrder,
): string | undefined {
  const { key } = context.sender;
  if (!isOpened(state, key)) return "ACCOUNT_UNKNOWN";
  const linked = linkedVehicleOf(state, vehicle);
  if (linked === undefined || !equalBytes(linked.account, key)) return "VEHICLE_NOT_LINKED";
  if (!isVehicleValid(state, context, vehicle)) return "VEHICLE_NOT_VALID";
  if (orderId.every((byte) => byte === 0)) return "ID_INVALID";
  if (v2vOrderOf(state, orderId) !== undefined) return "ID_TAKEN";
  if (linked.order !== undefined || linked.trade !== undefined) return "VEHICLE_BUSY";
  const [point] = meetingPointsOf(state);
  if (point === undefined) return "NO_MEETING_POINTS";
  if (point.position.kind !== position.kind) return "POSITION_KIND_WRONG";
  const { openBuys, openSells } = v2vBookOf(state);
  return openBuys + openSells >= ordersOpenMax ? "BOOK_FULL" : undefined;
}

/** Whether a key is a vehicle's that is enrolled now and not replaced. */
export function isVehicleValid(
  state: StateTree,
  { crypto, time_ms }: TransactionContext,
  key: Uint8Array,
): boolean {
  const record = readDeviceRecord(state.get(deviceName(keyIdOf(key, crypto))));
  return (
    record?.kind === "vehicle" &&
    equalBytes(record.key, key) &&
    record.revokedHeight === undefined &&
    record.rotated === undefined &&
    record.validFrom_ms <= time_ms &&
    time_ms <= record.validTo_ms
  );
}

function recordOf(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  order: AnyOrder,
): OrderRecord {
  const { orderId, vehicle, position, ownPricePerKWh } = order;
  const linked = linkedVehicleOf(state, vehicle);
  assert(linked !== undefined, "the vehicle was looked up");
  return {
    id: orderId,
    side: "sell",
    state: "open",
    account: sender.key,
    vehicle,
    usePerKm_Wh: linked.usePerKm_Wh,
    energy_Wh: 0,
    spare_Wh: 0,
    pricePerKWh: 0,
    ownPricePerKWh,
    funds: 0,
    position,
    sequence: v2vBookOf(state).placed + 1,
    placed_ms: time_ms,
    slot: 0,
  };
}

/** The published handling of a request: match the order that arrives, or let it wait. */
function arrive(state: StateTree, context: TransactionContext, order: OrderRecord): Verdict {
  const { crypto } = context;
  const index = orderIndexAt(state);
  const arrived = index.orders.reckon(termsOf(order));
  const numbered = withBook(state, { placed: order.sequence });
  const match = index.orders.bestFor(arrived, (other) => isBarred(numbered, context, other));
  if (match === undefined) {
    const waiting = withOpenOrder(numbered, order, crypto);
    index.put(arrived, v2vBookOf(waiting).hash);
    const after = withVehicleBusy(waiting, order.vehicle, { order: order.id });
    const placed = v2vOrderOf(after, order.id) ?? order;
    return {
      code: "OK",
      state: after,
      data: encodePlacedOrder({ order: placed, trade: undefined }),
    };
  }
  const other = order.side === "buy" ? match.sell : match.buy;
  const otherRecord = recordAt(numbered, other);
  const closed = withClosedOrder(numbered, otherRecord, { state: "matched", crypto });
  index.take(other, v2vBookOf(closed).hash);
  const matched: OrderRecord = { ...order, state: "matched" };
  const [bought, sold] = order.side === "buy" ? [matched, otherRecord] : [otherRecord, matched];
  const trade = tradeOf(closed, context, { match, bought, sold });
  const after = withEscrow(withTrade(withOrder(closed, matched), trade), trade, bought);
  return { code: "OK", state: after, data: encodePlacedOrder({ order: matched, trade }) };
}

function recordAt(state: StateTree, { id }: Buy | Sell): OrderRecord {
  const bytes = fromHex(`${id}`);
  const record = bytes && v2vOrderOf(state, bytes);
  assert(record !== undefined, "what is in the index is in the state");
  return record;
}

/** Whether an open order must wait: its owner is suspended, or its vehicle is enrolled no longer. */
function isBarred(state: StateTree, context: TransactionContext, other: Buy | Sell): boolean {
  const { account, vehicle } = recordAt(state, other);
  const isSuspended = holderOf(state, account)?.suspended !== undefined;
  return isSuspended || !isVehicleValid(state, context, vehicle);
}

function tradeOf(
  state: StateTree,
  { crypto, time_ms }: TransactionContext,
  found: { match: Match; bought: OrderRecord; sold: OrderRecord },
): TradeRecord {
  const { match, bought, sold } = found;
  const point = meetingPointsOf(state)[match.point];
  assert(point !== undefined, "the index has the state's meeting points");
  const amounts = amountsOf(match.terms);
  const { energyCost, fee } = paymentOf(match.terms);
  const { id: buyOrder } = bought;
  const { id: sellOrder } = sold;
  // Field by field, as the decoder has them: V8 keeps an object put together from so many parts as a table.
  return {
    id: tradeIdOf({ buyOrder, sellOrder }, crypto),
    state: "open",
    buyOrder,
    sellOrder,
    consumer: bought.account,
    provider: sold.account,
    consumerVehicle: bought.vehicle,
    providerVehicle: sold.vehicle,
    meetingPoint: point.id,
    position: point.position,
    energy_Wh: bought.energy_Wh,
    pricePerKWh: sold.pricePerKWh,
    energyCost,
    fee,
    consumerTravelCost: Math.floor(amounts.consumerTravelCost),
    providerTravelCost: Math.floor(amounts.providerTravelCost),
    consumerWay_m: Math.floor(match.terms.consumerWay_mm / 1000),
    providerWay_m: Math.floor(match.terms.providerWay_mm / 1000),
    unitCost: Math.floor(amounts.unitCost),
    unitProfit: Math.floor(amounts.unitProfit),
    matched_ms: time_ms,
    expires_ms: time_ms + v2vRulesOf(state).tradeLife_ms,
    given: undefined,
    received: undefined,
    paid: 0,
    refunded: 0,
    toPlatform: 0,
  };
}

/** What the trade costs goes into its pot, the rest of the funds back; both vehicles are busy with it. */
function withEscrow(state: StateTree, trade: TradeRecord, bought: OrderRecord): StateTree {
  const amount = trade.energyCost + trade.fee;
  const from = orderPot(bought.id);
  const locked = moveMoney(state, { from, to: tradePot(trade.id), amount });
  assert(typeof locked !== "string", "a feasible match is within the funds");
  const rest = moveMoney(locked, { from, to: bought.account, amount: bought.funds - amount });
  assert(typeof rest !== "string", "the rest of the funds is there");
  const busy = { trade: trade.id };
  const consumerBusy = withVehicleBusy(rest, trade.consumerVehicle, busy);
  const bothBusy = withVehicleBusy(consumerBusy, trade.providerVehicle, busy);
  return withBook(bothBusy, { trades: v2vBookOf(bothBusy).trades + 1 });
}
