import {
  type ByteReader,
  type ByteWriter,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type { AccountKey } from "./account-money.ts";
import { readAccount, writeAccount } from "./account-orders.ts";
import { readVersioned, writeVersioned } from "./versioned.ts";

export const unionAction = {
  join: 1,
  leave: 2,
  penalise: 3,
  addChargePoint: 4,
  removeChargePoint: 5,
  setTariff: 6,
  proposeTariff: 7,
  agreeTariff: 8,
  setTerms: 9,
  delegate: 10,
  undelegate: 11,
  fund: 12,
  promote: 13,
} as const;

/** What charging costs: at most 10^9 millionths, which is a thousand units of the currency, each. */
export interface Tariff {
  /** Millionths per kilowatt-hour. */
  readonly pricePerKWh: number;
  /** Once per session. */
  readonly sessionFee: number;
}

/** What the union's members agreed to pay in and out. */
export interface UnionTerms {
  /** For the proposer of each final block; at most 10^12. */
  readonly rewardPerBlock: number;
  /** Of the reward, paid for the union's promotion on top of it, in millionths. */
  readonly promotionSharePpm: number;
  /** Of each deposit, what goes to the common pool at once; the rest secures its operator's debts. */
  readonly poolSharePpm: number;
  readonly depositMin: number;
}

/** An organisation's request to join, with its operator key's own word. */
export interface UnionJoin {
  readonly organisation: string;
  readonly key: Uint8Array;
  readonly deposit: number;
  /** 64 bytes; see `signJoin`. */
  readonly possession: Uint8Array;
}

export interface Penalty {
  readonly organisation: string;
  readonly amount: number;
  readonly reasonHash: Uint8Array;
}

/** A pile with a key of its own, as its operator registers it. */
export interface ChargePointRequest {
  readonly key: Uint8Array;
  /** The operator's name of it, `[A-Za-z0-9-]{1,36}`. */
  readonly pileId: string;
  /** 1 Type 2, 2 CCS 2, 3 CHAdeMO, 4 Type 1, 5 GB/T AC, 6 GB/T DC, 7 household. */
  readonly plugType: number;
  readonly power_W: number;
  /** Whole micro-degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  /** 64 bytes; see `signChargePoint`. */
  readonly possession: Uint8Array;
}

/** An operator's own tariff that the authority agrees to; 32 zero bytes end it. */
export interface TariffAgreement {
  readonly organisation: string;
  /** SHA-256 of the payload that proposed it. */
  readonly tariffHash: Uint8Array;
}

/** Money that stays its holder's and counts for an organisation's turns to propose. */
export interface Delegation {
  readonly organisation: string;
  readonly amount: number;
}

export interface Promotion {
  readonly account: AccountKey;
  readonly amount: number;
  readonly reasonHash: Uint8Array;
}

const whole = 1_000_000;
const priceMax = 1_000_000_000;
const rewardMax = 1_000_000_000_000;
const pilePattern = /^[A-Za-z0-9-]{1,36}$/;
const plugTypeMax = 7;
const poleLatitude = 90_000_000;
const dateLine = 180_000_000;

export function readOrganisation(reader: ByteReader): string {
  const text = reader.text();
  return identifierPattern.test(text) ? text : reader.fail("not an organisation's id");
}

function readAmount(reader: ByteReader): number {
  const amount = reader.u64();
  return amount === 0 ? reader.fail("an amount of nothing") : amount;
}

function readUpTo(reader: ByteReader, max: number): number {
  const value = reader.u64();
  return value <= max ? value : reader.fail(`${value} is above ${max}`);
}

function readShare(reader: ByteReader): number {
  const ppm = reader.u32();
  return ppm <= whole ? ppm : reader.fail(`a share of ${ppm} millionths`);
}

export function writeTariff(writer: ByteWriter, { pricePerKWh, sessionFee }: Tariff): ByteWriter {
  return writer.u64(pricePerKWh).u64(sessionFee);
}

export function readTariff(reader: ByteReader): Tariff {
  return { pricePerKWh: readUpTo(reader, priceMax), sessionFee: readUpTo(reader, priceMax) };
}

export function writeTerms(writer: ByteWriter, terms: UnionTerms): ByteWriter {
  const { rewardPerBlock, promotionSharePpm, poolSharePpm, depositMin } = terms;
  return writer.u64(rewardPerBlock).u32(promotionSharePpm).u32(poolSharePpm).u64(depositMin);
}

export function readTerms(reader: ByteReader): UnionTerms {
  return {
    rewardPerBlock: readUpTo(reader, rewardMax),
    promotionSharePpm: readShare(reader),
    poolSharePpm: readShare(reader),
    depositMin: reader.u64(),
  };
}

/** u8 1 · text organisation · raw32 key · u64 deposit · raw64 possession. */
export function encodeJoin({ organisation, key, deposit, possession }: UnionJoin): Uint8Array {
  return writeVersioned().text(organisation).raw(key).u64(deposit).raw(possession).finish();
}

export function decodeJoin(bytes: Uint8Array): Outcome<UnionJoin, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readOrganisation(reader),
    key: reader.raw(32),
    deposit: readAmount(reader),
    possession: reader.raw(64),
  }));
}

/** u8 1: the sender's key says who leaves. */
export function encodeLeave(): Uint8Array {
  return writeVersioned().finish();
}

export function decodeLeave(bytes: Uint8Array): Outcome<undefined, MalformedProblem> {
  return readVersioned(bytes, () => undefined);
}

/** u8 1 · text organisation · u64 amount · raw32 reason hash. */
export function encodePenalty({ organisation, amount, reasonHash }: Penalty): Uint8Array {
  return writeVersioned().text(organisation).u64(amount).raw(reasonHash).finish();
}

export function decodePenalty(bytes: Uint8Array): Outcome<Penalty, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readOrganisation(reader),
    amount: readAmount(reader),
    reasonHash: reader.raw(32),
  }));
}

export function writeChargePoint(
  writer: ByteWriter,
  point: Omit<ChargePointRequest, "possession" | "key">,
): ByteWriter {
  writer.text(point.pileId).u8(point.plugType).u32(point.power_W);
  return writer.i32(point.latitude).i32(point.longitude);
}

export function readChargePoint(
  reader: ByteReader,
): Omit<ChargePointRequest, "possession" | "key"> {
  const pileId = reader.text();
  if (!pilePattern.test(pileId)) reader.fail("not a pile's id");
  const plugType = reader.u8();
  if (plugType === 0 || plugType > plugTypeMax) reader.fail(`plug ${plugType}`);
  const power_W = reader.u32();
  const [latitude, longitude] = [reader.i32(), reader.i32()];
  if (Math.abs(latitude) > poleLatitude || Math.abs(longitude) > dateLine) {
    reader.fail("a place that is not on the globe");
  }
  return { pileId, plugType, power_W, latitude, longitude };
}

/** u8 1 · raw32 key · text pileId · u8 plug · u32 power_W · i32 latitude · i32 longitude · raw64 possession. */
export function encodeChargePointRequest(request: ChargePointRequest): Uint8Array {
  const writer = writeVersioned().raw(request.key);
  return writeChargePoint(writer, request).raw(request.possession).finish();
}

export function decodeChargePointRequest(
  bytes: Uint8Array,
): Outcome<ChargePointRequest, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    key: reader.raw(32),
    ...readChargePoint(reader),
    possession: reader.raw(64),
  }));
}

/** u8 1 · raw32 key. */
export function encodeChargePointKey(key: Uint8Array): Uint8Array {
  return writeVersioned().raw(key).finish();
}

export function decodeChargePointKey(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return readVersioned(bytes, (reader) => reader.raw(32));
}

/** u8 1 · u64 price per kWh · u64 session fee: the union's tariff and an operator's own. */
export function encodeTariff(tariff: Tariff): Uint8Array {
  return writeTariff(writeVersioned(), tariff).finish();
}

export function decodeTariff(bytes: Uint8Array): Outcome<Tariff, MalformedProblem> {
  return readVersioned(bytes, readTariff);
}

/** u8 1 · text organisation · raw32 hash. */
export function encodeAgreement({ organisation, tariffHash }: TariffAgreement): Uint8Array {
  return writeVersioned().text(organisation).raw(tariffHash).finish();
}

export function decodeAgreement(bytes: Uint8Array): Outcome<TariffAgreement, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readOrganisation(reader),
    tariffHash: reader.raw(32),
  }));
}

/** u8 1 · u64 reward per block · u32 promotion share · u32 pool share (both ppm) · u64 least deposit. */
export function encodeTerms(terms: UnionTerms): Uint8Array {
  return writeTerms(writeVersioned(), terms).finish();
}

export function decodeTerms(bytes: Uint8Array): Outcome<UnionTerms, MalformedProblem> {
  return readVersioned(bytes, readTerms);
}

/** u8 1 · text organisation · u64 amount: delegate and undelegate. */
export function encodeDelegation({ organisation, amount }: Delegation): Uint8Array {
  return writeVersioned().text(organisation).u64(amount).finish();
}

export function decodeDelegation(bytes: Uint8Array): Outcome<Delegation, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readOrganisation(reader),
    amount: readAmount(reader),
  }));
}

/** u8 1 · u64 amount, from the sender to the pool. */
export function encodeFunding(amount: number): Uint8Array {
  return writeVersioned().u64(amount).finish();
}

export function decodeFunding(bytes: Uint8Array): Outcome<number, MalformedProblem> {
  return readVersioned(bytes, readAmount);
}

/** u8 1 · account · u64 amount · raw32 reason hash, from the promotion's pot. */
export function encodePromotion({ account, amount, reasonHash }: Promotion): Uint8Array {
  return writeAccount(writeVersioned(), account).u64(amount).raw(reasonHash).finish();
}

export function decodePromotion(bytes: Uint8Array): Outcome<Promotion, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    account: readAccount(reader),
    amount: readAmount(reader),
    reasonHash: reader.raw(32),
  }));
}
