import {
  type ByteReader,
  type ByteWriter,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import {
  decodeEnergyStatement,
  type EnergyStatement,
  encodeEnergyStatement,
  energyStatement_bytes,
} from "./v2v-statement.ts";
import { readVersioned, writeVersioned } from "./versioned.ts";

/** Actions of module 8; docs/specs/payments.md says who sends which. */
export const sessionAction = {
  authorise: 1,
  start: 2,
  meter: 3,
  settle: 4,
  settleOffline: 5,
  cancel: 6,
  dispute: 7,
  resolve: 8,
  expire: 9,
  payShortfall: 10,
  count: 11,
} as const;

/** What a driver agrees to before it charges. */
export interface Authorisation {
  /** 16 bytes of the driver's choice, other ones for each session at one charge point. */
  readonly salt: Uint8Array;
  readonly chargePoint: Uint8Array;
  readonly plugType: number;
  /** Millionths: more than this is never paid. */
  readonly limitAmount: number;
  readonly limit_Wh: number;
  /** Nothing that was charged later is paid. */
  readonly expiry_ms: number;
  /** Whose beans the driver means to pay with first; undefined: those of the charge point's operator, if any. */
  readonly beansOf: string | undefined;
}

/** A reading of the charge point's meter. */
export interface MeterReading {
  readonly sessionId: Uint8Array;
  /** What the meter says, not what the session took. */
  readonly meter_Wh: number;
  readonly time_ms: number;
}

export interface SettlementRequest extends MeterReading {
  /** SHA-256 of the signed meter values (OCMF) that the receipt holds. */
  readonly receiptHash: Uint8Array;
}

/** The driver's word that settles a session which the chain heard nothing of while it went on. */
export interface VoucherTerms extends Authorisation {
  readonly driver: Uint8Array;
  /** The most that the driver agreed to pay; the tariff in force at the settlement holds where it is lower. */
  readonly pricePerKWh: number;
  readonly sessionFee: number;
}

export interface Voucher extends VoucherTerms {
  /** By the driver, over what signVoucher signs. */
  readonly signature: Uint8Array;
}

export interface OfflineSettlement {
  readonly voucher: Voucher;
  readonly start_ms: number;
  readonly start_Wh: number;
  readonly end_ms: number;
  readonly end_Wh: number;
  readonly receiptHash: Uint8Array;
}

export interface SessionDispute {
  readonly sessionId: Uint8Array;
  /** What the vehicle's own battery counted. */
  readonly vehicleEnergy_Wh: number;
  /** SHA-256 of the vehicle's signed records. */
  readonly evidenceHash: Uint8Array;
}

/** What the driver's vehicle counted of a session, in its own words. */
export interface SessionCount {
  readonly vehicle: Uint8Array;
  /** Its trade is the session, its side "received". */
  readonly statement: EnergyStatement;
}

export interface SessionResolution {
  readonly sessionId: Uint8Array;
  /** Millionths that the driver gets back; 0 rejects the dispute. */
  readonly refund: number;
  readonly reasonHash: Uint8Array;
}

/** u8 1 · authorisation = raw16 salt · raw32 charge point · u8 plug · u64 limit amount · u64 limit_Wh · u64 expiry_ms · text beansOf (empty: none named). */
export function encodeAuthorisation(authorisation: Authorisation): Uint8Array {
  const writer = writeVersioned();
  writeAuthorisation(writer, authorisation);
  return writer.finish();
}

export function decodeAuthorisation(bytes: Uint8Array): Outcome<Authorisation, MalformedProblem> {
  return readVersioned(bytes, readAuthorisation);
}

/** u8 1 · raw16 session · u64 meter_Wh · u64 time_ms: start and meter. */
export function encodeMeterReading(reading: MeterReading): Uint8Array {
  const writer = writeVersioned();
  writeReading(writer, reading);
  return writer.finish();
}

export function decodeMeterReading(bytes: Uint8Array): Outcome<MeterReading, MalformedProblem> {
  return readVersioned(bytes, readReading);
}

/** u8 1 · raw16 session · u64 meter_Wh · u64 time_ms · raw32 receipt hash. */
export function encodeSettlement(settlement: SettlementRequest): Uint8Array {
  const writer = writeVersioned();
  writeReading(writer, settlement);
  return writer.raw(settlement.receiptHash).finish();
}

export function decodeSettlement(bytes: Uint8Array): Outcome<SettlementRequest, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    ...readReading(reader),
    receiptHash: reader.raw(32),
  }));
}

/** u8 1 · voucher = raw32 driver · authorisation · u64 price · u64 fee · raw64 signature. What a driver's device hands over. */
export function encodeVoucher(voucher: Voucher): Uint8Array {
  const writer = writeVersioned();
  writeVoucher(writer, voucher);
  return writer.finish();
}

export function decodeVoucher(bytes: Uint8Array): Outcome<Voucher, MalformedProblem> {
  return readVersioned(bytes, readVoucher);
}

/** u8 1 · voucher · u64 start_ms · u64 start_Wh · u64 end_ms · u64 end_Wh · raw32 receipt hash. */
export function encodeOfflineSettlement(settlement: OfflineSettlement): Uint8Array {
  const writer = writeVersioned();
  writeVoucher(writer, settlement.voucher);
  return writer
    .u64(settlement.start_ms)
    .u64(settlement.start_Wh)
    .u64(settlement.end_ms)
    .u64(settlement.end_Wh)
    .raw(settlement.receiptHash)
    .finish();
}

export function decodeOfflineSettlement(
  bytes: Uint8Array,
): Outcome<OfflineSettlement, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    voucher: readVoucher(reader),
    start_ms: reader.u64(),
    start_Wh: reader.u64(),
    end_ms: reader.u64(),
    end_Wh: reader.u64(),
    receiptHash: reader.raw(32),
  }));
}

/** u8 1 · raw16 session: cancel, expire and pay-shortfall. */
export function encodeSessionName(sessionId: Uint8Array): Uint8Array {
  return writeVersioned().raw(sessionId).finish();
}

export function decodeSessionName(bytes: Uint8Array): Outcome<Uint8Array, MalformedProblem> {
  return readVersioned(bytes, (reader) => reader.raw(16));
}

/** u8 1 · raw16 session · u64 vehicle energy_Wh · raw32 evidence hash. */
export function encodeDispute(dispute: SessionDispute): Uint8Array {
  return writeVersioned()
    .raw(dispute.sessionId)
    .u64(dispute.vehicleEnergy_Wh)
    .raw(dispute.evidenceHash)
    .finish();
}

export function decodeDispute(bytes: Uint8Array): Outcome<SessionDispute, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    sessionId: reader.raw(16),
    vehicleEnergy_Wh: reader.u64(),
    evidenceHash: reader.raw(32),
  }));
}

/** u8 1 · raw32 vehicle · block energy statement, as v2v delivers it. */
export function encodeSessionCount({ vehicle, statement }: SessionCount): Uint8Array {
  return writeVersioned().raw(vehicle).block(encodeEnergyStatement(statement)).finish();
}

export function decodeSessionCount(bytes: Uint8Array): Outcome<SessionCount, MalformedProblem> {
  return readVersioned(bytes, (reader) => {
    const vehicle = reader.raw(32);
    const statement = decodeEnergyStatement(reader.block(energyStatement_bytes));
    return statement.ok
      ? { vehicle, statement: statement.value }
      : reader.fail(statement.problem.detail);
  });
}

/** u8 1 · raw16 session · u64 refund · raw32 reason hash. */
export function encodeResolution(resolution: SessionResolution): Uint8Array {
  return writeVersioned()
    .raw(resolution.sessionId)
    .u64(resolution.refund)
    .raw(resolution.reasonHash)
    .finish();
}

export function decodeResolution(bytes: Uint8Array): Outcome<SessionResolution, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    sessionId: reader.raw(16),
    refund: reader.u64(),
    reasonHash: reader.raw(32),
  }));
}

function writeAuthorisation(writer: ByteWriter, terms: Authorisation): void {
  writer
    .raw(terms.salt)
    .raw(terms.chargePoint)
    .u8(terms.plugType)
    .u64(terms.limitAmount)
    .u64(terms.limit_Wh)
    .u64(terms.expiry_ms)
    .text(terms.beansOf ?? "");
}

function readAuthorisation(reader: ByteReader): Authorisation {
  return {
    salt: reader.raw(16),
    chargePoint: reader.raw(32),
    plugType: reader.u8(),
    limitAmount: reader.u64(),
    limit_Wh: reader.u64(),
    expiry_ms: reader.u64(),
    beansOf: readIssuer(reader),
  };
}

function readIssuer(reader: ByteReader): string | undefined {
  const text = reader.text();
  if (text === "") return undefined;
  return identifierPattern.test(text) ? text : reader.fail("not an identifier");
}

function writeReading(writer: ByteWriter, reading: MeterReading): void {
  writer.raw(reading.sessionId).u64(reading.meter_Wh).u64(reading.time_ms);
}

function readReading(reader: ByteReader): MeterReading {
  return { sessionId: reader.raw(16), meter_Wh: reader.u64(), time_ms: reader.u64() };
}

/** What a driver signs is this without its signature, so it is exported to the signing alone. */
export function writeVoucherTerms(writer: ByteWriter, terms: VoucherTerms): void {
  writer.raw(terms.driver);
  writeAuthorisation(writer, terms);
  writer.u64(terms.pricePerKWh).u64(terms.sessionFee);
}

function writeVoucher(writer: ByteWriter, voucher: Voucher): void {
  writeVoucherTerms(writer, voucher);
  writer.raw(voucher.signature);
}

function readVoucher(reader: ByteReader): Voucher {
  return {
    driver: reader.raw(32),
    ...readAuthorisation(reader),
    pricePerKWh: reader.u64(),
    sessionFee: reader.u64(),
    signature: reader.raw(64),
  };
}
