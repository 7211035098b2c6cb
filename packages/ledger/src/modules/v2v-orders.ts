import { type Position, readPosition, writePosition } from "@voltfog/market";
import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";

/** Actions of module v2v, energy from vehicle to vehicle. */
export const v2vAction = {
  linkVehicle: 1,
  sell: 2,
  buy: 3,
  cancel: 4,
  meetingPoints: 5,
  deliver: 6,
  removeOrder: 7,
  resolve: 8,
  expire: 9,
  rules: 10,
} as const;

export const meetingPointsMax = 256;

/** A vehicle that an account trades with, agreed to by the vehicle's own key. */
export interface VehicleLink {
  readonly vehicle: Uint8Array;
  /** What it uses on its way. */
  readonly usePerKm_Wh: number;
  /** 64 bytes; see {@link signVehicleLink}. */
  readonly possession: Uint8Array;
}

/** An offer of energy. */
export interface SellOrder {
  /** 16 bytes chosen by the sender, never used before. */
  readonly orderId: Uint8Array;
  readonly vehicle: Uint8Array;
  /** The most that it sells. */
  readonly energy_Wh: number;
  /** What the battery can spare, its own ways taken care of. */
  readonly spare_Wh: number;
  readonly pricePerKWh: number;
  /** What the energy in the battery cost, which the way to the meeting point is counted at. */
  readonly ownPricePerKWh: number;
  readonly position: Position;
}

/** A request of energy. */
export interface BuyOrder {
  readonly orderId: Uint8Array;
  readonly vehicle: Uint8Array;
  /** Exactly what it wants. */
  readonly energy_Wh: number;
  /** 0 for no limit but the funds. */
  readonly maxPricePerKWh: number;
  readonly ownPricePerKWh: number;
  /** The most that energy and fee may cost; locked while the order is open. */
  readonly funds: number;
  readonly position: Position;
}

export interface MeetingPoint {
  readonly id: number;
  readonly name: string;
  readonly position: Position;
}

/** An order that the authority takes out, and why. */
export interface OrderRemoval {
  readonly orderId: Uint8Array;
  readonly reasonHash: Uint8Array;
}

/** The authority's verdict on a dispute; what is not refunded goes to the provider, less the fees' share. */
export interface TradeResolution {
  readonly tradeId: Uint8Array;
  readonly refund: number;
  readonly reasonHash: Uint8Array;
}

export interface V2vRules {
  /** The fee's r: each side pays r · energy to the platform. */
  readonly feePerKWh: number;
  /** Of the energy given, this much may be lost on the way into the other battery; millionths. */
  readonly lossMaxPpm: number;
  /** How far the energy given may be off the traded one, and the received above the given; millionths. */
  readonly meterPpm: number;
  /** A trade whose statements have not come after this is over. */
  readonly tradeLife_ms: number;
}

const version = 1;
const linkDomain = utf8("voltfog/vehicle-link/1\n");

function linkMessage(terms: {
  chainId: Uint8Array;
  account: Uint8Array;
  usePerKm_Wh: number;
}): Uint8Array {
  const { chainId, account, usePerKm_Wh } = terms;
  return new ByteWriter().raw(linkDomain).raw(chainId).raw(account).u32(usePerKm_Wh).finish();
}

/** The vehicle's word that an account may trade with it. */
export function signVehicleLink(options: {
  chainId: Uint8Array;
  /** Key of the account. */
  account: Uint8Array;
  usePerKm_Wh: number;
  vehicle: Signer;
}): VehicleLink {
  const { vehicle, usePerKm_Wh } = options;
  const possession = vehicle.sign(linkMessage(options));
  return { vehicle: vehicle.publicKey, usePerKm_Wh, possession };
}

/** Costs one verification. */
export function verifyVehicleLink(options: {
  link: VehicleLink;
  chainId: Uint8Array;
  account: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { link, chainId, account, crypto } = options;
  const message = linkMessage({ chainId, account, usePerKm_Wh: link.usePerKm_Wh });
  return crypto.verify({ publicKey: link.vehicle, message, signature: link.possession });
}

/** u8 version · raw32 vehicle · u32 use per km [Wh] · raw64 possession. */
export function encodeVehicleLink(link: VehicleLink): Uint8Array {
  const { vehicle, usePerKm_Wh, possession } = link;
  return opened().raw(vehicle).u32(usePerKm_Wh).raw(possession).finish();
}

export function decodeVehicleLink(bytes: Uint8Array): Outcome<VehicleLink, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    vehicle: reader.raw(32),
    usePerKm_Wh: reader.u32(),
    possession: reader.raw(64),
  }));
}

/** u8 version · raw16 id · raw32 vehicle · u64 energy · u64 spare · u64 price · u64 own price · position. */
export function encodeSellOrder(order: SellOrder): Uint8Array {
  const writer = opened().raw(order.orderId).raw(order.vehicle);
  writer.u64(order.energy_Wh).u64(order.spare_Wh);
  writer.u64(order.pricePerKWh).u64(order.ownPricePerKWh);
  writePosition(writer, order.position);
  return writer.finish();
}

export function decodeSellOrder(bytes: Uint8Array): Outcome<SellOrder, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    orderId: reader.raw(16),
    vehicle: reader.raw(32),
    energy_Wh: reader.u64(),
    spare_Wh: reader.u64(),
    pricePerKWh: reader.u64(),
    ownPricePerKWh: reader.u64(),
    position: readPosition(reader),
  }));
}

/** u8 version · raw16 id · raw32 vehicle · u64 energy · u64 highest price · u64 own price · u64 funds · position. */
export function encodeBuyOrder(order: BuyOrder): Uint8Array {
  const writer = opened().raw(order.orderId).raw(order.vehicle).u64(order.energy_Wh);
  writer.u64(order.maxPricePerKWh).u64(order.ownPricePerKWh).u64(order.funds);
  writePosition(writer, order.position);
  return writer.finish();
}

export function decodeBuyOrder(bytes: Uint8Array): Outcome<BuyOrder, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    orderId: reader.raw(16),
    vehicle: reader.raw(32),
    energy_Wh: reader.u64(),
    maxPricePerKWh: reader.u64(),
    ownPricePerKWh: reader.u64(),
    funds: reader.u64(),
    position: readPosition(reader),
  }));
}

/** u8 version · raw16 id: the payload of cancel, of an order, and of expire, of a trade. */
export function encodeV2vId(id: Uint8Array): Uint8Array {
  return opened().raw(id).finish();
}

export function decodeV2vId(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return decoded(bytes, (reader) => reader.raw(16));
}

/** u8 version · list of (u32 id · text name · position), ids rising, positions of one kind. */
export function encodeMeetingPoints(points: readonly MeetingPoint[]): Uint8Array {
  const writer = opened().u32(points.length);
  for (const { id, name, position } of points) {
    writer.u32(id).text(name);
    writePosition(writer, position);
  }
  return writer.finish();
}

export function decodeMeetingPoints(
  bytes: Uint8Array,
): Outcome<readonly MeetingPoint[], MalformedProblem> {
  return decoded(bytes, (reader) => {
    const points = reader.list({ limit: meetingPointsMax, read: readMeetingPoint });
    for (const [i, point] of points.entries()) {
      const before = points[i - 1];
      if (before === undefined) continue;
      if (point.id <= before.id) reader.fail("ids of meeting points do not rise");
      if (point.position.kind !== before.position.kind) reader.fail("positions of two kinds");
    }
    return points;
  });
}

function readMeetingPoint(reader: ByteReader): MeetingPoint {
  return { id: reader.u32(), name: reader.text(), position: readPosition(reader) };
}

/** u8 version · raw16 order · raw32 hash of the reason. */
export function encodeOrderRemoval({ orderId, reasonHash }: OrderRemoval): Uint8Array {
  return opened().raw(orderId).raw(reasonHash).finish();
}

export function decodeOrderRemoval(bytes: Uint8Array): Outcome<OrderRemoval, MalformedProblem> {
  return decoded(bytes, (reader) => ({ orderId: reader.raw(16), reasonHash: reader.raw(32) }));
}

/** u8 version · raw16 trade · u64 refund · raw32 hash of the reason. */
export function encodeTradeResolution(resolution: TradeResolution): Uint8Array {
  const { tradeId, refund, reasonHash } = resolution;
  return opened().raw(tradeId).u64(refund).raw(reasonHash).finish();
}

export function decodeTradeResolution(
  bytes: Uint8Array,
): Outcome<TradeResolution, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    tradeId: reader.raw(16),
    refund: reader.u64(),
    reasonHash: reader.raw(32),
  }));
}

/** u8 version · u64 fee per kWh · u32 highest loss · u32 meters' tolerance · u64 life of a trade. */
export function encodeV2vRules(rules: V2vRules): Uint8Array {
  const { feePerKWh, lossMaxPpm, meterPpm, tradeLife_ms } = rules;
  return opened().u64(feePerKWh).u32(lossMaxPpm).u32(meterPpm).u64(tradeLife_ms).finish();
}

export function decodeV2vRules(bytes: Uint8Array): Outcome<V2vRules, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    feePerKWh: reader.u64(),
    lossMaxPpm: reader.u32(),
    meterPpm: reader.u32(),
    tradeLife_ms: reader.u64(),
  }));
}

function opened(): ByteWriter {
  return new ByteWriter().u8(version);
}

function decoded<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of an order");
    return read(reader);
  });
}
