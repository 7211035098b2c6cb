import { assert, equalBytes, toHex } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { isOpened } from "./account-holders.ts";
import { moveMoney } from "./account-money.ts";
import { type PrepareAction, prepared } from "./action-table.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";
import { withBookRules, withClosedOrder, withVehicleBusy } from "./v2v-book.ts";
import { deliver, expire, resolve } from "./v2v-delivery.ts";
import { areRules, isUse } from "./v2v-limits.ts";
import { orderIndexAt } from "./v2v-open-orders.ts";
import {
  decodeBuyOrder,
  decodeMeetingPoints,
  decodeOrderRemoval,
  decodeSellOrder,
  decodeTradeResolution,
  decodeV2vId,
  decodeV2vRules,
  decodeVehicleLink,
  type MeetingPoint,
  type OrderRemoval,
  type V2vRules,
  type VehicleLink,
  v2vAction,
  verifyVehicleLink,
} from "./v2v-orders.ts";
import { buy, isVehicleValid, orderPot, sell } from "./v2v-placing.ts";
import {
  encodeLinkedVehicle,
  encodeOrderRecord,
  encodeVehicleList,
  type OrderRecord,
} from "./v2v-records.ts";
import {
  linkedVehicleOf,
  meetingPointsOf,
  v2vAccountName,
  v2vBookOf,
  v2vMeetingPointsName,
  v2vOrderOf,
  v2vRulesName,
  v2vVehicleName,
  vehiclesOf,
} from "./v2v-state.ts";
import { decodeEnergyStatement } from "./v2v-statement.ts";

const vehiclesMax = 8;

/**
 * Energy from vehicle to vehicle: orders match when they arrive, the money waits in a pot of the trade and
 * leaves it once both vehicles' batteries tell the same story. docs/specs/v2v.md.
 */
export const v2vModule: LedgerModule = {
  number: moduleNumber.v2v,
  name: "v2v",
  prepare(action, payload) {
    return actions.get(action)?.(payload);
  },
  /** Opened accounts and the authority. */
  admits(state, key) {
    return isOpened(state, key) || isAuthority(state, key);
  },
};

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [v2vAction.linkVehicle, prepared(decodeVehicleLink, linkVehicle)],
  [v2vAction.sell, prepared(decodeSellOrder, sell)],
  [v2vAction.buy, prepared(decodeBuyOrder, buy)],
  [v2vAction.cancel, prepared(decodeV2vId, cancel)],
  [v2vAction.meetingPoints, prepared(decodeMeetingPoints, setMeetingPoints)],
  [v2vAction.deliver, prepared(decodeEnergyStatement, deliver)],
  [v2vAction.removeOrder, prepared(decodeOrderRemoval, removeOrder)],
  [v2vAction.resolve, prepared(decodeTradeResolution, resolve)],
  [v2vAction.expire, prepared(decodeV2vId, expire)],
  [v2vAction.rules, prepared(decodeV2vRules, setRules)],
]);

/** A vehicle trades for one account; its own key agrees, and a new use per km needs its word again. */
function linkVehicle(
  state: StateTree,
  context: TransactionContext,
  link: VehicleLink,
  data: Uint8Array,
): Verdict {
  const { sender, genesis, crypto } = context;
  const { vehicle, usePerKm_Wh } = link;
  const account = sender.key;
  if (!isOpened(state, account)) return { code: "ACCOUNT_UNKNOWN" };
  if (!isUse(usePerKm_Wh)) return { code: "USE_OUT_OF_RANGE" };
  if (!isVehicleValid(state, context, vehicle)) return { code: "VEHICLE_NOT_VALID" };
  const known = linkedVehicleOf(state, vehicle);
  if (known !== undefined && !equalBytes(known.account, account)) return { code: "VEHICLE_TAKEN" };
  if (known?.order !== undefined || known?.trade !== undefined) return { code: "VEHICLE_BUSY" };
  const vehicles = vehiclesOf(state, account);
  if (known === undefined && vehicles.length >= vehiclesMax) return { code: "TOO_MANY_VEHICLES" };
  if (!verifyVehicleLink({ link, chainId: genesis.chainId, account, crypto })) {
    return { code: "PROOF_OF_POSSESSION_INVALID" };
  }
  const record = { account, usePerKm_Wh, order: undefined, trade: undefined };
  const linked = state.with(v2vVehicleName(vehicle), encodeLinkedVehicle(record));
  if (known !== undefined) return { code: "OK", state: linked, data };
  const list = encodeVehicleList([...vehicles, vehicle]);
  return { code: "OK", state: linked.with(v2vAccountName(account), list), data };
}

function cancel(state: StateTree, context: TransactionContext, orderId: Uint8Array): Verdict {
  const order = v2vOrderOf(state, orderId);
  if (order === undefined) return { code: "ORDER_UNKNOWN" };
  if (!equalBytes(order.account, context.sender.key)) return { code: "NOT_AUTHORISED" };
  return withdraw(state, context, { order, becomes: "cancelled" });
}

function removeOrder(
  state: StateTree,
  context: TransactionContext,
  { orderId }: OrderRemoval,
): Verdict {
  if (!isAuthority(state, context.sender.key)) return { code: "NOT_AUTHORISED" };
  const order = v2vOrderOf(state, orderId);
  if (order === undefined) return { code: "ORDER_UNKNOWN" };
  return withdraw(state, context, { order, becomes: "removed" });
}

/** An open order leaves the book, its funds go back and its vehicle is free. */
function withdraw(
  state: StateTree,
  { crypto }: TransactionContext,
  { order, becomes }: { order: OrderRecord; becomes: OrderRecord["state"] },
): Verdict {
  if (order.state !== "open") return { code: "ORDER_CLOSED" };
  const index = orderIndexAt(state);
  const open = index.orders.at(toHex(order.id));
  assert(open !== undefined, "the index has every open order");
  const closed = withClosedOrder(state, order, { state: becomes, crypto });
  index.take(open, v2vBookOf(closed).hash);
  const payment = { from: orderPot(order.id), to: order.account, amount: order.funds };
  const refunded = moveMoney(closed, payment);
  assert(typeof refunded !== "string", "an open order's funds are in its pot");
  const after = withVehicleBusy(refunded, order.vehicle, {});
  const data = encodeOrderRecord({ ...order, state: becomes, slot: 0 });
  return { code: "OK", state: after, data };
}

/** Open orders stay as they are; they meet the new meeting points with the next order that arrives. */
function setMeetingPoints(
  state: StateTree,
  { sender, crypto }: TransactionContext,
  points: readonly MeetingPoint[],
  data: Uint8Array,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  if (points.some(({ name }) => name.length === 0 || name.length > 64)) {
    return { code: "NAME_OUT_OF_RANGE" };
  }
  const { openBuys, openSells } = v2vBookOf(state);
  if (openBuys + openSells > 0) {
    const [point] = points;
    if (point === undefined) return { code: "BOOK_NOT_EMPTY" };
    const [before] = meetingPointsOf(state);
    if (before?.position.kind !== point.position.kind) return { code: "POSITION_KIND_WRONG" };
  }
  const named = state.with(v2vMeetingPointsName, data);
  return { code: "OK", state: withBookRules(named, data, crypto), data };
}

function setRules(
  state: StateTree,
  { sender, crypto }: TransactionContext,
  rules: V2vRules,
  data: Uint8Array,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  if (!areRules(rules)) return { code: "RULES_OUT_OF_RANGE" };
  const ruled = withBookRules(state.with(v2vRulesName, data), data, crypto);
  return { code: "OK", state: ruled, data };
}
