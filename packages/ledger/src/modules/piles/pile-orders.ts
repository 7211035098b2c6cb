import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";

/** Numbers of the actions of module piles; docs/specs/private-piles.md says what each does. */
export const pileAction = {
  curve: 1,
  load: 2,
  list: 3,
  marketBuy: 4,
  limit: 5,
  cancel: 6,
  sign: 7,
  deliver: 8,
  confirm: 9,
  ringConfirm: 10,
  timeout: 11,
  acknowledge: 12,
  group: 13,
  dispute: 14,
  resolve: 15,
} as const;

/** What a kilowatt-hour costs from the grid and is worth to it: two prices and the peak's minutes of a UTC day. */
export interface Catalogue {
  readonly valleyPricePerKWh: number;
  readonly peakPricePerKWh: number;
  readonly peakFrom_min: number;
  readonly peakTo_min: number;
}

/** A zone's price curve, as the authority sets it. */
export interface CurveOrder {
  readonly zone: number;
  readonly reserve: number;
  readonly supply_Wh: number;
  /** Weight of the reserve, millionths. */
  readonly crrPpm: number;
  readonly catalogue: Catalogue;
  /** Hash of the text that contracts of the zone are made from. */
  readonly template: Uint8Array;
}

/** The grid's load in a zone, millionths of what it can carry. */
export interface LoadOrder {
  readonly zone: number;
  readonly loadPpm: number;
}

/** Minutes of every UTC day, 0 ≤ from < to ≤ 1440. */
export interface DailyWindow {
  readonly from_min: number;
  readonly to_min: number;
}

/** When a pile may be used by others, and on what terms. */
export interface PileTerms {
  readonly zone: number;
  readonly power_W: number;
  /** Market orders leave the pile alone below this. */
  readonly floorPricePerKWh: number;
  /** The owner's fixed tariff, which contracts are compared with. */
  readonly valleyPricePerKWh: number;
  readonly peakPricePerKWh: number;
  /** Sorted, apart from each other; none takes the pile off the market. */
  readonly windows: readonly DailyWindow[];
}

export interface ListOrder {
  readonly pileKey: Uint8Array;
  /** Signature of the pile's key over the owner's; see `signPile`. */
  readonly possession: Uint8Array;
  readonly terms: PileTerms;
}

/** When energy is wanted or offered; both ends in one UTC day. */
export interface PileWindow {
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface MarketBuyOrder {
  /** 16 bytes of the sender's choice, used once. */
  readonly orderId: Uint8Array;
  readonly zone: number;
  readonly energy_Wh: number;
  /** The most that all contracts together may cost. */
  readonly maxCost: number;
  readonly window: PileWindow;
}

export interface LimitOrder {
  readonly orderId: Uint8Array;
  readonly zone: number;
  readonly side: "buy" | "sell";
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
  readonly window: PileWindow;
  readonly expiry_ms: number;
  /** Whose energy is sold; undefined for a buyer. */
  readonly pileKey: Uint8Array | undefined;
}

/** A contract and the hash of the terms that the sender signs. */
export interface SignOrder {
  readonly contractId: Uint8Array;
  readonly termsHash: Uint8Array;
}

export interface DeliverOrder {
  readonly contractId: Uint8Array;
  readonly energy_Wh: number;
}

export interface RingConfirmOrder {
  readonly contractId: Uint8Array;
  readonly side: "buyer" | "owner";
  /** Of @voltfog/market, encodeRingSignature. */
  readonly signature: Uint8Array;
}

/** A contract and 32 bytes: the row's hash, or that of the evidence. */
export interface HashOrder {
  readonly contractId: Uint8Array;
  readonly hash: Uint8Array;
}

/** Who confirms for an account without saying which of them; no keys where it confirms itself again. */
export interface GroupOrder {
  /** Members that must confirm each contract. */
  readonly threshold: number;
  /** secp256k1, compressed, 33 bytes each, rising. */
  readonly keys: readonly Uint8Array[];
}

export interface ResolveOrder {
  readonly contractId: Uint8Array;
  /** What counts as delivered. */
  readonly energy_Wh: number;
  /** Whether the owner failed: then what was not delivered costs the buyer nothing. */
  readonly isOwnersFault: boolean;
  readonly reason: Uint8Array;
}

export const pileWindowsMax = 8;
/** Each key costs every validator about 2.5 ms for each confirmation. */
export const groupKeysMax = 8;
const signatureMax_bytes = 512;
const version = 1;

function begin(): ByteWriter {
  return new ByteWriter().u8(version);
}

function decode<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version");
    return read(reader);
  });
}

export function writeCatalogue(writer: ByteWriter, catalogue: Catalogue): ByteWriter {
  return writer
    .u64(catalogue.valleyPricePerKWh)
    .u64(catalogue.peakPricePerKWh)
    .u16(catalogue.peakFrom_min)
    .u16(catalogue.peakTo_min);
}

export function readCatalogue(reader: ByteReader): Catalogue {
  return {
    valleyPricePerKWh: reader.u64(),
    peakPricePerKWh: reader.u64(),
    peakFrom_min: reader.u16(),
    peakTo_min: reader.u16(),
  };
}

export function encodeCurveOrder(order: CurveOrder): Uint8Array {
  const writer = begin().u32(order.zone).u64(order.reserve).u64(order.supply_Wh).u32(order.crrPpm);
  return writeCatalogue(writer, order.catalogue).raw(order.template).finish();
}

export function decodeCurveOrder(bytes: Uint8Array): Outcome<CurveOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({
    zone: reader.u32(),
    reserve: reader.u64(),
    supply_Wh: reader.u64(),
    crrPpm: reader.u32(),
    catalogue: readCatalogue(reader),
    template: reader.raw(32),
  }));
}

export function encodeLoadOrder({ zone, loadPpm }: LoadOrder): Uint8Array {
  return begin().u32(zone).u32(loadPpm).finish();
}

export function decodeLoadOrder(bytes: Uint8Array): Outcome<LoadOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({ zone: reader.u32(), loadPpm: reader.u32() }));
}

export function writePileTerms(writer: ByteWriter, terms: PileTerms): ByteWriter {
  writer.u32(terms.zone).u32(terms.power_W).u64(terms.floorPricePerKWh);
  writer.u64(terms.valleyPricePerKWh).u64(terms.peakPricePerKWh).u32(terms.windows.length);
  for (const { from_min, to_min } of terms.windows) writer.u16(from_min).u16(to_min);
  return writer;
}

export function readPileTerms(reader: ByteReader): PileTerms {
  return {
    zone: reader.u32(),
    power_W: reader.u32(),
    floorPricePerKWh: reader.u64(),
    valleyPricePerKWh: reader.u64(),
    peakPricePerKWh: reader.u64(),
    windows: reader.list({
      limit: pileWindowsMax,
      read: (one) => ({ from_min: one.u16(), to_min: one.u16() }),
    }),
  };
}

export function encodeListOrder({ pileKey, possession, terms }: ListOrder): Uint8Array {
  return writePileTerms(begin().raw(pileKey).raw(possession), terms).finish();
}

export function decodeListOrder(bytes: Uint8Array): Outcome<ListOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({
    pileKey: reader.raw(32),
    possession: reader.raw(64),
    terms: readPileTerms(reader),
  }));
}

function readWindow(reader: ByteReader): PileWindow {
  return { from_ms: reader.u64(), to_ms: reader.u64() };
}

export function encodeMarketBuy(order: MarketBuyOrder): Uint8Array {
  const writer = begin().raw(order.orderId).u32(order.zone).u64(order.energy_Wh).u64(order.maxCost);
  return writer.u64(order.window.from_ms).u64(order.window.to_ms).finish();
}

export function decodeMarketBuy(bytes: Uint8Array): Outcome<MarketBuyOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({
    orderId: reader.raw(16),
    zone: reader.u32(),
    energy_Wh: reader.u64(),
    maxCost: reader.u64(),
    window: readWindow(reader),
  }));
}

export function encodeLimitOrder(order: LimitOrder): Uint8Array {
  const side = order.side === "buy" ? 1 : 2;
  const writer = begin().raw(order.orderId).u32(order.zone).u8(side);
  writer.u64(order.energy_Wh).u64(order.pricePerKWh);
  writer.u64(order.window.from_ms).u64(order.window.to_ms).u64(order.expiry_ms);
  if (order.pileKey !== undefined) writer.raw(order.pileKey);
  return writer.finish();
}

export function decodeLimitOrder(bytes: Uint8Array): Outcome<LimitOrder, MalformedProblem> {
  return decode(bytes, (reader) => {
    const orderId = reader.raw(16);
    const zone = reader.u32();
    const side = reader.u8();
    if (side !== 1 && side !== 2) reader.fail(`side ${side}`);
    return {
      orderId,
      zone,
      side: side === 1 ? ("buy" as const) : ("sell" as const),
      energy_Wh: reader.u64(),
      pricePerKWh: reader.u64(),
      window: readWindow(reader),
      expiry_ms: reader.u64(),
      pileKey: side === 2 ? reader.raw(32) : undefined,
    };
  });
}

/** u8 version · raw16: cancel's order, confirm's and timeout's contract. */
export function encodePileId(id: Uint8Array): Uint8Array {
  return begin().raw(id).finish();
}

export function decodePileId(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return decode(bytes, (reader) => reader.raw(16));
}

export function encodeSignOrder({ contractId, termsHash }: SignOrder): Uint8Array {
  return begin().raw(contractId).raw(termsHash).finish();
}

export function decodeSignOrder(bytes: Uint8Array): Outcome<SignOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({ contractId: reader.raw(16), termsHash: reader.raw(32) }));
}

export function encodeDeliverOrder({ contractId, energy_Wh }: DeliverOrder): Uint8Array {
  return begin().raw(contractId).u64(energy_Wh).finish();
}

export function decodeDeliverOrder(bytes: Uint8Array): Outcome<DeliverOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({ contractId: reader.raw(16), energy_Wh: reader.u64() }));
}

export function encodeRingConfirm({ contractId, side, signature }: RingConfirmOrder): Uint8Array {
  return begin()
    .raw(contractId)
    .u8(side === "buyer" ? 1 : 2)
    .block(signature)
    .finish();
}

export function decodeRingConfirm(bytes: Uint8Array): Outcome<RingConfirmOrder, MalformedProblem> {
  return decode(bytes, (reader) => {
    const contractId = reader.raw(16);
    const side = reader.u8();
    if (side !== 1 && side !== 2) reader.fail(`side ${side}`);
    const signature = reader.block(signatureMax_bytes);
    return { contractId, side: side === 1 ? ("buyer" as const) : ("owner" as const), signature };
  });
}

/** acknowledge and dispute. */
export function encodeHashOrder({ contractId, hash }: HashOrder): Uint8Array {
  return begin().raw(contractId).raw(hash).finish();
}

export function decodeHashOrder(bytes: Uint8Array): Outcome<HashOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({ contractId: reader.raw(16), hash: reader.raw(32) }));
}

export function encodeGroupOrder({ threshold, keys }: GroupOrder): Uint8Array {
  const writer = begin().u8(threshold).u32(keys.length);
  for (const key of keys) writer.raw(key);
  return writer.finish();
}

export function decodeGroupOrder(bytes: Uint8Array): Outcome<GroupOrder, MalformedProblem> {
  return decode(bytes, (reader) => ({
    threshold: reader.u8(),
    keys: reader.list({ limit: groupKeysMax, read: (one) => one.raw(33) }),
  }));
}

export function encodeResolveOrder(order: ResolveOrder): Uint8Array {
  const writer = begin().raw(order.contractId).u64(order.energy_Wh);
  return writer
    .u8(order.isOwnersFault ? 1 : 0)
    .raw(order.reason)
    .finish();
}

export function decodeResolveOrder(bytes: Uint8Array): Outcome<ResolveOrder, MalformedProblem> {
  return decode(bytes, (reader) => {
    const contractId = reader.raw(16);
    const energy_Wh = reader.u64();
    const fault = reader.u8();
    if (fault > 1) reader.fail(`fault ${fault}`);
    return { contractId, energy_Wh, isOwnersFault: fault === 1, reason: reader.raw(32) };
  });
}
