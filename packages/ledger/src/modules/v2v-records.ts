import { type Position, readPosition, writePosition } from "@voltfog/market";
import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type { EnergyCount } from "./v2v-statement.ts";

const version = 1;

const orderStates = ["open", "matched", "cancelled", "removed"] as const;
const tradeStates = ["open", "disputed", "paid", "resolved", "expired"] as const;
const sides = ["buy", "sell"] as const;

/** A vehicle that trades: the value of a v2v-vehicle/ name. */
export interface LinkedVehicle {
  readonly account: Uint8Array;
  readonly usePerKm_Wh: number;
  /** Its open order, or else its trade that is neither closed nor in dispute; one at a time. */
  readonly order: Uint8Array | undefined;
  readonly trade: Uint8Array | undefined;
}

/** An order that was placed: the value of a v2v-order/ name. */
export interface OrderRecord {
  readonly id: Uint8Array;
  readonly side: (typeof sides)[number];
  /** A matched order's trade is named by {@link tradeIdOf}. */
  readonly state: (typeof orderStates)[number];
  readonly account: Uint8Array;
  readonly vehicle: Uint8Array;
  readonly usePerKm_Wh: number;
  readonly energy_Wh: number;
  /** Of a sell order; 0 of a buy order. */
  readonly spare_Wh: number;
  /** What a seller asks, or the most that a buyer gives; 0 where the buyer named no limit. */
  readonly pricePerKWh: number;
  readonly ownPricePerKWh: number;
  /** Of a buy order; 0 of a sell order. */
  readonly funds: number;
  readonly position: Position;
  /** Number of the order among all that were ever placed, from 1: its age. */
  readonly sequence: number;
  readonly placed_ms: number;
  /** Its place in the book while it is open. */
  readonly slot: number;
}

/** A match and what became of it: the value of a v2v-trade/ name. */
export interface TradeRecord {
  readonly id: Uint8Array;
  readonly state: (typeof tradeStates)[number];
  readonly buyOrder: Uint8Array;
  readonly sellOrder: Uint8Array;
  readonly consumer: Uint8Array;
  readonly provider: Uint8Array;
  readonly consumerVehicle: Uint8Array;
  readonly providerVehicle: Uint8Array;
  readonly meetingPoint: number;
  /** Of the meeting point when the match was made. */
  readonly position: Position;
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
  /** What the consumer pays for the energy. */
  readonly energyCost: number;
  /** What each side pays to the platform. */
  readonly fee: number;
  readonly consumerTravelCost: number;
  readonly providerTravelCost: number;
  readonly consumerWay_m: number;
  readonly providerWay_m: number;
  /** UC and UP, per kWh, rounded down. */
  readonly unitCost: number;
  readonly unitProfit: number;
  readonly matched_ms: number;
  readonly expires_ms: number;
  readonly given: EnergyCount | undefined;
  readonly received: EnergyCount | undefined;
  /** Where the escrow, energyCost + fee, went; all 0 until it did. */
  readonly paid: number;
  readonly refunded: number;
  readonly toPlatform: number;
}

/** What all open orders are found by: the value of v2v-book/00. */
export interface BookRecord {
  /** Orders that were ever placed. */
  readonly placed: number;
  readonly openBuys: number;
  readonly openSells: number;
  readonly trades: number;
  readonly disputes: number;
  /** Over every change of rules, meeting points and open orders; names the book's exact content. */
  readonly hash: Uint8Array;
}

/** An order as it is after buy or sell, and the trade where it found one: their result's data. */
export interface PlacedOrder {
  readonly order: OrderRecord;
  readonly trade: TradeRecord | undefined;
}

const nothing = new Uint8Array(16);

/** u8 1 · raw32 account · u32 use per km [Wh] · raw16 order · raw16 trade (zeros for none). */
export function encodeLinkedVehicle(vehicle: LinkedVehicle): Uint8Array {
  const { account, usePerKm_Wh, order, trade } = vehicle;
  const writer = new ByteWriter().u8(version).raw(account).u32(usePerKm_Wh);
  return writer
    .raw(order ?? nothing)
    .raw(trade ?? nothing)
    .finish();
}

export function decodeLinkedVehicle(bytes: Uint8Array): Outcome<LinkedVehicle, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    account: reader.raw(32),
    usePerKm_Wh: reader.u32(),
    order: readId(reader),
    trade: readId(reader),
  }));
}

function readId(reader: ByteReader): Uint8Array | undefined {
  const id = reader.raw(16);
  return id.some((byte) => byte !== 0) ? id : undefined;
}

/** u8 1 · list of raw32 vehicle keys: the value of a v2v-account/ name. */
export function encodeVehicleList(vehicles: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(vehicles.length);
  for (const key of vehicles) writer.raw(key);
  return writer.finish();
}

export function decodeVehicleList(
  bytes: Uint8Array,
): Outcome<readonly Uint8Array[], MalformedProblem> {
  return decoded(bytes, (reader) => reader.list({ limit: 256, read: (one) => one.raw(32) }));
}

/**
 * u8 1 · raw16 id · u8 side (1 buy, 2 sell) · u8 state (1 open, 2 matched, 3 cancelled, 4 removed) · raw32
 * account · raw32 vehicle · u32 use per km [Wh] · u64 energy · u64 spare · u64 price · u64 own price · u64
 * funds · position · u64 sequence · u64 placed · u32 slot.
 */
export function encodeOrderRecord(order: OrderRecord): Uint8Array {
  const writer = new ByteWriter().u8(version).raw(order.id);
  writer.u8(sides.indexOf(order.side) + 1).u8(orderStates.indexOf(order.state) + 1);
  writer.raw(order.account).raw(order.vehicle).u32(order.usePerKm_Wh);
  writer.u64(order.energy_Wh).u64(order.spare_Wh);
  writer.u64(order.pricePerKWh).u64(order.ownPricePerKWh).u64(order.funds);
  writePosition(writer, order.position);
  return writer.u64(order.sequence).u64(order.placed_ms).u32(order.slot).finish();
}

export function decodeOrderRecord(bytes: Uint8Array): Outcome<OrderRecord, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    id: reader.raw(16),
    side: readOneOf(reader, sides),
    state: readOneOf(reader, orderStates),
    account: reader.raw(32),
    vehicle: reader.raw(32),
    usePerKm_Wh: reader.u32(),
    energy_Wh: reader.u64(),
    spare_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
    ownPricePerKWh: reader.u64(),
    funds: reader.u64(),
    position: readPosition(reader),
    sequence: reader.u64(),
    placed_ms: reader.u64(),
    slot: reader.u32(),
  }));
}

/**
 * u8 1 · raw16 id · u8 state (1 open, 2 disputed, 3 paid, 4 resolved, 5 expired) · raw16 buy order · raw16
 * sell order · raw32 consumer, provider, consumer's vehicle, provider's vehicle · u32 meeting point ·
 * position · u64 energy, price, energy cost, fee, consumer's travel cost, provider's travel cost, consumer's
 * way [m], provider's way [m], unit cost, unit profit, matched, expires · two counts (u8 0, or u8 1 · u64
 * energy · u64 from · u64 to): given, received · u64 paid, refunded, to the platform.
 */
export function encodeTradeRecord(trade: TradeRecord): Uint8Array {
  const writer = new ByteWriter().u8(version).raw(trade.id);
  writer
    .u8(tradeStates.indexOf(trade.state) + 1)
    .raw(trade.buyOrder)
    .raw(trade.sellOrder);
  writer.raw(trade.consumer).raw(trade.provider);
  writer.raw(trade.consumerVehicle).raw(trade.providerVehicle).u32(trade.meetingPoint);
  writePosition(writer, trade.position);
  writer.u64(trade.energy_Wh).u64(trade.pricePerKWh).u64(trade.energyCost).u64(trade.fee);
  writer.u64(trade.consumerTravelCost).u64(trade.providerTravelCost);
  writer.u64(trade.consumerWay_m).u64(trade.providerWay_m);
  writer.u64(trade.unitCost).u64(trade.unitProfit);
  writer.u64(trade.matched_ms).u64(trade.expires_ms);
  writeCount(writer, trade.given);
  writeCount(writer, trade.received);
  return writer.u64(trade.paid).u64(trade.refunded).u64(trade.toPlatform).finish();
}

export function decodeTradeRecord(bytes: Uint8Array): Outcome<TradeRecord, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    id: reader.raw(16),
    state: readOneOf(reader, tradeStates),
    buyOrder: reader.raw(16),
    sellOrder: reader.raw(16),
    consumer: reader.raw(32),
    provider: reader.raw(32),
    consumerVehicle: reader.raw(32),
    providerVehicle: reader.raw(32),
    meetingPoint: reader.u32(),
    position: readPosition(reader),
    energy_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
    energyCost: reader.u64(),
    fee: reader.u64(),
    consumerTravelCost: reader.u64(),
    providerTravelCost: reader.u64(),
    consumerWay_m: reader.u64(),
    providerWay_m: reader.u64(),
    unitCost: reader.u64(),
    unitProfit: reader.u64(),
    matched_ms: reader.u64(),
    expires_ms: reader.u64(),
    given: readCount(reader),
    received: readCount(reader),
    paid: reader.u64(),
    refunded: reader.u64(),
    toPlatform: reader.u64(),
  }));
}

function writeCount(writer: ByteWriter, count: EnergyCount | undefined): void {
  writer.u8(count === undefined ? 0 : 1);
  if (count !== undefined) writer.u64(count.energy_Wh).u64(count.from_ms).u64(count.to_ms);
}

function readCount(reader: ByteReader): EnergyCount | undefined {
  const flag = reader.u8();
  if (flag > 1) reader.fail(`flag ${flag}`);
  if (flag === 0) return undefined;
  return { energy_Wh: reader.u64(), from_ms: reader.u64(), to_ms: reader.u64() };
}

/** u8 1 · u64 placed · u32 open buys · u32 open sells · u64 trades · u64 disputes · raw32 hash. */
export function encodeBookRecord(book: BookRecord): Uint8Array {
  const { placed, openBuys, openSells, trades, disputes, hash } = book;
  const writer = new ByteWriter().u8(version).u64(placed).u32(openBuys).u32(openSells);
  return writer.u64(trades).u64(disputes).raw(hash).finish();
}

export function decodeBookRecord(bytes: Uint8Array): Outcome<BookRecord, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    placed: reader.u64(),
    openBuys: reader.u32(),
    openSells: reader.u32(),
    trades: reader.u64(),
    disputes: reader.u64(),
    hash: reader.raw(32),
  }));
}

/** u8 1 · block of the order · block of the trade, empty where there is none. */
export function encodePlacedOrder({ order, trade }: PlacedOrder): Uint8Array {
  return new ByteWriter()
    .u8(version)
    .block(encodeOrderRecord(order))
    .block(trade === undefined ? new Uint8Array() : encodeTradeRecord(trade))
    .finish();
}

export function decodePlacedOrder(bytes: Uint8Array): Outcome<PlacedOrder, MalformedProblem> {
  return decoded(bytes, (reader) => {
    const order = decodeOrderRecord(reader.block(1024));
    if (!order.ok) return reader.fail(order.problem.detail);
    const rest = reader.block(1024);
    if (rest.length === 0) return { order: order.value, trade: undefined };
    const trade = decodeTradeRecord(rest);
    if (!trade.ok) return reader.fail(trade.problem.detail);
    return { order: order.value, trade: trade.value };
  });
}

function readOneOf<T>(reader: ByteReader, names: readonly T[]): T {
  const number = reader.u8();
  const name = names[number - 1];
  if (name === undefined) return reader.fail(`state or side ${number}`);
  return name;
}

function decoded<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a record");
    return read(reader);
  });
}
