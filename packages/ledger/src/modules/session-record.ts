import {
  type ByteReader,
  type ByteWriter,
  concatBytes,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { sessionDebtName, sessionName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { readId } from "./consortium-change.ts";
import { readOptional, readVersioned, writeOptional, writeVersioned } from "./versioned.ts";

/** In the order of their numbers on the chain, from 1. */
export const sessionStates = [
  "authorised",
  "charging",
  "settled",
  "disputed",
  "resolved",
  "cancelled",
  "expired",
] as const;

export type SessionState = (typeof sessionStates)[number];

/** How it was settled: by the charge point, by the driver's voucher, or by its last reading after the time limit. */
export const settlementKinds = ["online", "voucher", "time-limit"] as const;

/** What a charging session is and became. Amounts are millionths, all numbers whole. */
export interface SessionRecord {
  readonly state: SessionState;
  readonly driver: Uint8Array;
  readonly chargePoint: Uint8Array;
  /** The operator of the charge point when the session began: who is paid. */
  readonly organisation: string;
  readonly plugType: number;
  readonly limitAmount: number;
  readonly limit_Wh: number;
  readonly expiry_ms: number;
  /** Fixed when it was authorised; of a voucher when it was settled. */
  readonly pricePerKWh: number;
  readonly sessionFee: number;
  /** Block time of the authorisation; of a voucher alone that of its settlement. */
  readonly authorised_ms: number;
  /** Beans of the operator that are locked; 0 once it is closed. */
  readonly heldBeans_Wh: number;
  readonly meter: SessionMeter | undefined;
  readonly settlement: SessionSettlement | undefined;
  readonly dispute: DisputeRecord | undefined;
  readonly resolution: ResolutionRecord | undefined;
}

/** The first and the last reading. */
export interface SessionMeter {
  readonly start_ms: number;
  readonly start_Wh: number;
  readonly last_ms: number;
  readonly last_Wh: number;
}

export interface SessionSettlement {
  readonly kind: (typeof settlementKinds)[number];
  readonly energy_Wh: number;
  /** Of the energy, what beans paid. */
  readonly beans_Wh: number;
  /** Money that the operator got. */
  readonly paid: number;
  /** Money that the driver still owes: 0 but for vouchers that the balance did not cover. */
  readonly shortfall: number;
  readonly receiptHash: Uint8Array;
  readonly height: number;
  readonly settled_ms: number;
}

export interface DisputeRecord {
  readonly vehicleEnergy_Wh: number;
  readonly evidenceHash: Uint8Array;
  /** Of the operator's money, what is kept in the session's pot until it is resolved. */
  readonly held: number;
  readonly disputed_ms: number;
}

export interface ResolutionRecord {
  /** What the driver gets back, a forgiven shortfall included. */
  readonly refund: number;
  /** Of the refund, what the operator could not pay. */
  readonly unpaid: number;
  readonly reasonHash: Uint8Array;
}

/** The session, or undefined where nobody began it. */
export function sessionOf(state: StateTree, sessionId: Uint8Array): SessionRecord | undefined {
  const value = state.get(sessionName(sessionId));
  const decoded = value && decodeSession(value);
  return decoded?.ok ? decoded.value : undefined;
}

/** What a driver owes for sessions that its balance did not cover [millionths]. */
export function sessionDebtOf(state: StateTree, driver: Uint8Array): number {
  const value = state.get(sessionDebtName(driver));
  if (value === undefined) return 0;
  const decoded = readVersioned(value, (reader) => reader.u64());
  return decoded.ok ? decoded.value : 0;
}

export function withSessionDebt(state: StateTree, driver: Uint8Array, debt: number): StateTree {
  return state.with(sessionDebtName(driver), writeVersioned().u64(debt).finish());
}

/** u8 1 · u8 state · raw32 driver · raw32 charge point · text organisation · u8 plug · u64 limit amount · u64 limit_Wh · u64 expiry_ms · u64 price · u64 fee · u64 authorised_ms · u64 held beans_Wh · meter · settlement · dispute · resolution, each after u8 0 or 1. */
export function encodeSession(record: SessionRecord): Uint8Array {
  const writer = writeVersioned();
  writeSession(writer, record);
  return writer.finish();
}

export function decodeSession(bytes: Uint8Array): Outcome<SessionRecord, MalformedProblem> {
  return readVersioned(bytes, readSession);
}

/** Data of every OK of the module: raw16 session · its record as it then stands. */
export interface SessionResult {
  readonly sessionId: Uint8Array;
  readonly session: SessionRecord;
}

export function encodeSessionResult({ sessionId, session }: SessionResult): Uint8Array {
  return concatBytes(sessionId, encodeSession(session));
}

export function decodeSessionResult(bytes: Uint8Array): Outcome<SessionResult, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const sessionId = reader.raw(16);
    const record = decodeSession(reader.raw(reader.remaining));
    return record.ok ? { sessionId, session: record.value } : reader.fail(record.problem.detail);
  });
}

function writeSession(writer: ByteWriter, record: SessionRecord): void {
  writer
    .u8(sessionStates.indexOf(record.state) + 1)
    .raw(record.driver)
    .raw(record.chargePoint)
    .text(record.organisation)
    .u8(record.plugType)
    .u64(record.limitAmount)
    .u64(record.limit_Wh)
    .u64(record.expiry_ms)
    .u64(record.pricePerKWh)
    .u64(record.sessionFee)
    .u64(record.authorised_ms)
    .u64(record.heldBeans_Wh);
  writeOptional(writer, record.meter, (w, { start_ms, start_Wh, last_ms, last_Wh }) => {
    w.u64(start_ms).u64(start_Wh).u64(last_ms).u64(last_Wh);
  });
  writeOptional(writer, record.settlement, (w, settlement) => {
    w.u8(settlementKinds.indexOf(settlement.kind) + 1)
      .u64(settlement.energy_Wh)
      .u64(settlement.beans_Wh)
      .u64(settlement.paid)
      .u64(settlement.shortfall)
      .raw(settlement.receiptHash)
      .u64(settlement.height)
      .u64(settlement.settled_ms);
  });
  writeOptional(writer, record.dispute, (w, dispute) => {
    w.u64(dispute.vehicleEnergy_Wh)
      .raw(dispute.evidenceHash)
      .u64(dispute.held)
      .u64(dispute.disputed_ms);
  });
  writeOptional(writer, record.resolution, (w, { refund, unpaid, reasonHash }) => {
    w.u64(refund).u64(unpaid).raw(reasonHash);
  });
}

function readSession(reader: ByteReader): SessionRecord {
  return {
    state: readOneOf(reader, sessionStates),
    driver: reader.raw(32),
    chargePoint: reader.raw(32),
    organisation: readId(reader),
    plugType: reader.u8(),
    limitAmount: reader.u64(),
    limit_Wh: reader.u64(),
    expiry_ms: reader.u64(),
    pricePerKWh: reader.u64(),
    sessionFee: reader.u64(),
    authorised_ms: reader.u64(),
    heldBeans_Wh: reader.u64(),
    meter: readOptional(reader, readMeter),
    settlement: readOptional(reader, readSettlement),
    dispute: readOptional(reader, readDispute),
    resolution: readOptional(reader, readResolution),
  };
}

function readMeter(reader: ByteReader): SessionMeter {
  return {
    start_ms: reader.u64(),
    start_Wh: reader.u64(),
    last_ms: reader.u64(),
    last_Wh: reader.u64(),
  };
}

function readSettlement(reader: ByteReader): SessionSettlement {
  return {
    kind: readOneOf(reader, settlementKinds),
    energy_Wh: reader.u64(),
    beans_Wh: reader.u64(),
    paid: reader.u64(),
    shortfall: reader.u64(),
    receiptHash: reader.raw(32),
    height: reader.u64(),
    settled_ms: reader.u64(),
  };
}

function readDispute(reader: ByteReader): DisputeRecord {
  return {
    vehicleEnergy_Wh: reader.u64(),
    evidenceHash: reader.raw(32),
    held: reader.u64(),
    disputed_ms: reader.u64(),
  };
}

function readResolution(reader: ByteReader): ResolutionRecord {
  return { refund: reader.u64(), unpaid: reader.u64(), reasonHash: reader.raw(32) };
}

function readOneOf<T>(reader: ByteReader, kinds: readonly T[]): T {
  const number = reader.u8();
  return kinds[number - 1] ?? reader.fail(`kind ${number} of ${kinds.length}`);
}
