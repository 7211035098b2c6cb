import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import {
  type Catalogue,
  type PileTerms,
  type PileWindow,
  readCatalogue,
  readPileTerms,
  writeCatalogue,
  writePileTerms,
} from "./pile-orders.ts";

/** A zone's price curve as it stands: P = reserve / (supply · weight), times the load's factor. */
export interface CurveRecord {
  readonly zone: number;
  /** Rises whenever the authority sets the curve anew. */
  readonly generation: number;
  readonly reserve: number;
  readonly supply_Wh: number;
  readonly crrPpm: number;
  readonly catalogue: Catalogue;
  readonly template: Uint8Array;
  /** What was reported last, and when; 0 and 0 before the first report. */
  readonly loadPpm: number;
  readonly loadTime_ms: number;
}

/** Part of a pile's idle time that a contract has. */
export interface Booking {
  readonly contractId: Uint8Array;
  readonly window: PileWindow;
}

export interface PileRecord {
  readonly owner: Uint8Array;
  readonly terms: PileTerms;
  readonly bookings: readonly Booking[];
}

/** One line of a book. */
export interface BookEntry {
  readonly orderId: Uint8Array;
  readonly pricePerKWh: number;
}

export type PileOrderState = "open" | "filled" | "cancelled" | "expired";

export interface PileOrderRecord {
  readonly kind: "market" | "limit";
  readonly side: "buy" | "sell";
  readonly state: PileOrderState;
  readonly account: Uint8Array;
  readonly zone: number;
  readonly energy_Wh: number;
  readonly filled_Wh: number;
  /** A limit order's price; 0 of a market order. */
  readonly pricePerKWh: number;
  readonly window: PileWindow;
  readonly expiry_ms: number;
  /** Whose energy is sold; 32 zero bytes of a buyer. */
  readonly pileKey: Uint8Array;
  /** What lies in the order's pot. */
  readonly locked: number;
  readonly height: number;
}

export const piledMax = 64;
export const bookingsMax = 32;
export const bookMax = 128;
export const zonesMax = 1024;
const version = 1;
const orderStates: readonly PileOrderState[] = ["open", "filled", "cancelled", "expired"];

function decode<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version");
    return read(reader);
  });
}

export function encodeCurve(curve: CurveRecord): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(curve.zone).u32(curve.generation);
  writer.u64(curve.reserve).u64(curve.supply_Wh).u32(curve.crrPpm);
  writeCatalogue(writer, curve.catalogue).raw(curve.template);
  return writer.u32(curve.loadPpm).u64(curve.loadTime_ms).finish();
}

export function decodeCurve(bytes: Uint8Array): Outcome<CurveRecord, MalformedProblem> {
  return decode(bytes, (reader) => ({
    zone: reader.u32(),
    generation: reader.u32(),
    reserve: reader.u64(),
    supply_Wh: reader.u64(),
    crrPpm: reader.u32(),
    catalogue: readCatalogue(reader),
    template: reader.raw(32),
    loadPpm: reader.u32(),
    loadTime_ms: reader.u64(),
  }));
}

export function encodePile({ owner, terms, bookings }: PileRecord): Uint8Array {
  const writer = writePileTerms(new ByteWriter().u8(version).raw(owner), terms);
  writer.u32(bookings.length);
  for (const { contractId, window } of bookings) {
    writer.raw(contractId).u64(window.from_ms).u64(window.to_ms);
  }
  return writer.finish();
}

export function decodePile(bytes: Uint8Array): Outcome<PileRecord, MalformedProblem> {
  return decode(bytes, (reader) => ({
    owner: reader.raw(32),
    terms: readPileTerms(reader),
    bookings: reader.list({
      limit: bookingsMax,
      read: (one) => ({
        contractId: one.raw(16),
        window: { from_ms: one.u64(), to_ms: one.u64() },
      }),
    }),
  }));
}

export function encodeZones(zones: readonly number[]): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(zones.length);
  for (const zone of zones) writer.u32(zone);
  return writer.finish();
}

export function decodeZones(bytes: Uint8Array): Outcome<number[], MalformedProblem> {
  return decode(bytes, (reader) => reader.list({ limit: zonesMax, read: (one) => one.u32() }));
}

export function encodeZonePiles(keys: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(keys.length);
  for (const key of keys) writer.raw(key);
  return writer.finish();
}

export function decodeZonePiles(bytes: Uint8Array): Outcome<Uint8Array[], MalformedProblem> {
  return decode(bytes, (reader) => reader.list({ limit: piledMax, read: (one) => one.raw(32) }));
}

export function encodeBook(entries: readonly BookEntry[]): Uint8Array {
  const writer = new ByteWriter().u8(version).u32(entries.length);
  for (const { orderId, pricePerKWh } of entries) writer.raw(orderId).u64(pricePerKWh);
  return writer.finish();
}

export function decodeBook(bytes: Uint8Array): Outcome<BookEntry[], MalformedProblem> {
  return decode(bytes, (reader) =>
    reader.list({
      limit: bookMax,
      read: (one) => ({ orderId: one.raw(16), pricePerKWh: one.u64() }),
    }),
  );
}

export function writePileOrder(writer: ByteWriter, order: PileOrderRecord): ByteWriter {
  writer.u8(order.kind === "market" ? 1 : 2).u8(order.side === "buy" ? 1 : 2);
  writer.u8(orderStates.indexOf(order.state)).raw(order.account).u32(order.zone);
  writer.u64(order.energy_Wh).u64(order.filled_Wh).u64(order.pricePerKWh);
  writer.u64(order.window.from_ms).u64(order.window.to_ms).u64(order.expiry_ms);
  return writer.raw(order.pileKey).u64(order.locked).u64(order.height);
}

export function readPileOrder(reader: ByteReader): PileOrderRecord {
  const kind = reader.u8();
  if (kind !== 1 && kind !== 2) reader.fail(`kind ${kind}`);
  const side = reader.u8();
  if (side !== 1 && side !== 2) reader.fail(`side ${side}`);
  const place = reader.u8();
  return {
    kind: kind === 1 ? "market" : "limit",
    side: side === 1 ? "buy" : "sell",
    state: orderStates[place] ?? reader.fail(`state ${place}`),
    account: reader.raw(32),
    zone: reader.u32(),
    energy_Wh: reader.u64(),
    filled_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
    window: { from_ms: reader.u64(), to_ms: reader.u64() },
    expiry_ms: reader.u64(),
    pileKey: reader.raw(32),
    locked: reader.u64(),
    height: reader.u64(),
  };
}

export function encodePileOrder(order: PileOrderRecord): Uint8Array {
  return writePileOrder(new ByteWriter().u8(version), order).finish();
}

export function decodePileOrder(bytes: Uint8Array): Outcome<PileOrderRecord, MalformedProblem> {
  return decode(bytes, readPileOrder);
}
