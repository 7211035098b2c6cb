import { type Crypto, concatBytes, type Outcome, toHex, utf8 } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { LastRead } from "./last-read.ts";
import {
  decodeMeetingPoints,
  decodeV2vRules,
  type MeetingPoint,
  type V2vRules,
} from "./v2v-orders.ts";
import {
  type BookRecord,
  decodeBookRecord,
  decodeLinkedVehicle,
  decodeOrderRecord,
  decodeTradeRecord,
  decodeVehicleList,
  type LinkedVehicle,
  type OrderRecord,
  type TradeRecord,
} from "./v2v-records.ts";

const tradeDomain = utf8("voltfog/v2v-trade/1\n");

/** Rules that hold until the authority sets others. */
export const v2vRulesDefault: V2vRules = {
  feePerKWh: 10_000,
  lossMaxPpm: 150_000,
  meterPpm: 20_000,
  tradeLife_ms: 86_400_000,
};

export const v2vRulesName = "v2v-rules/00";
export const v2vMeetingPointsName = "v2v-meeting-points/00";
export const v2vBookName = "v2v-book/00";

/** The id of the open order in a place of the book; all zeros where the place is free again. */
export function v2vSlotName(slot: number): string {
  return `v2v-slot/${slot.toString(16).padStart(8, "0")}`;
}

export function v2vOrderName(orderId: Uint8Array): string {
  return `v2v-order/${toHex(orderId)}`;
}

export function v2vTradeName(tradeId: Uint8Array): string {
  return `v2v-trade/${toHex(tradeId)}`;
}

export function v2vVehicleName(vehicle: Uint8Array): string {
  return `v2v-vehicle/${toHex(vehicle)}`;
}

/** The vehicles that an account linked. */
export function v2vAccountName(account: Uint8Array): string {
  return `v2v-account/${toHex(account)}`;
}

/** Which trade two orders make; 16 bytes. Orders trade once, so it names no other. */
export function tradeIdOf(
  orders: { buyOrder: Uint8Array; sellOrder: Uint8Array },
  crypto: Crypto,
): Uint8Array {
  return crypto.sha256(concatBytes(tradeDomain, orders.buyOrder, orders.sellOrder)).slice(0, 16);
}

export function v2vRulesOf(state: StateTree): V2vRules {
  return read(state, v2vRulesName, decodeV2vRules) ?? v2vRulesDefault;
}

/** Lists that were read, by their bytes in the state, which never change: every order asks for the same one. */
const listsRead = new WeakMap<Uint8Array, readonly MeetingPoint[]>();

/** Empty until the authority names them; no order is taken before. */
export function meetingPointsOf(state: StateTree): readonly MeetingPoint[] {
  const value = state.get(v2vMeetingPointsName);
  if (value === undefined) return [];
  const known = listsRead.get(value);
  if (known !== undefined) return known;
  const decoded = decodeMeetingPoints(value);
  const points = decoded.ok ? decoded.value : [];
  listsRead.set(value, points);
  return points;
}

const books = new LastRead(decodeBookRecord);
const orders = new LastRead(decodeOrderRecord);
const trades = new LastRead(decodeTradeRecord);
const linkedVehicles = new LastRead(decodeLinkedVehicle);

export function v2vBookOf(state: StateTree): BookRecord {
  const empty = { placed: 0, openBuys: 0, openSells: 0, trades: 0, disputes: 0 };
  return books.of(state.get(v2vBookName)) ?? { ...empty, hash: new Uint8Array(32) };
}

export function v2vOrderOf(state: StateTree, orderId: Uint8Array): OrderRecord | undefined {
  return orders.of(state.get(v2vOrderName(orderId)));
}

export function v2vTradeOf(state: StateTree, tradeId: Uint8Array): TradeRecord | undefined {
  return trades.of(state.get(v2vTradeName(tradeId)));
}

export function linkedVehicleOf(state: StateTree, vehicle: Uint8Array): LinkedVehicle | undefined {
  return linkedVehicles.of(state.get(v2vVehicleName(vehicle)));
}

/** Keys of the vehicles that an account linked, in the order in which it did. */
export function vehiclesOf(state: StateTree, account: Uint8Array): readonly Uint8Array[] {
  return read(state, v2vAccountName(account), decodeVehicleList) ?? [];
}

/** Every open order, in the order of its place. Costs two looks at the state for each. */
export function* openOrdersOf(state: StateTree): Generator<OrderRecord> {
  const { openBuys, openSells } = v2vBookOf(state);
  for (let slot = 0; slot < openBuys + openSells; slot++) {
    const id = state.get(v2vSlotName(slot));
    const order = id && v2vOrderOf(state, id);
    if (order !== undefined) yield order;
  }
}

function read<T>(
  state: StateTree,
  name: string,
  decode: (bytes: Uint8Array) => Outcome<T>,
): T | undefined {
  const value = state.get(name);
  const decoded = value && decode(value);
  return decoded?.ok ? decoded.value : undefined;
}
