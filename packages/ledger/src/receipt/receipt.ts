import type { SignedMeter } from "@voltfog/market";
import { accepted, fromHex, type Outcome, type Problem, refused, toHex } from "@voltfog/runtime";
import {
  type ChainEvidence,
  decodeChainEvidence,
  encodeChainEvidence,
} from "../chain/chain-evidence.ts";
import { fromBase64, toBase64 } from "../log/base64.ts";
import { decodeSessionResult, type SessionRecord } from "../modules/session-record.ts";

/** What the vehicle's own battery counted, signed by its device key. */
export interface VehicleCount {
  readonly key: Uint8Array;
  readonly energy_Wh: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly signature: Uint8Array;
}

/** Everything that a receipt says; its tariff and settlement are those of the evidence. */
export interface Receipt {
  readonly sessionId: Uint8Array;
  readonly meter: SignedMeter;
  readonly vehicle: VehicleCount | undefined;
  /** The settling result, and the session's record as it then stands. */
  readonly evidence: ChainEvidence;
}

export interface ReceiptFormProblem extends Problem {
  readonly code: "RECEIPT_MALFORMED" | "RECEIPT_DIFFERS";
  readonly detail: string;
}

export const receiptMax_bytes = 1_048_576;
const version = 1;

/** As JSON with the keys in one order. A receipt without a settling result has no tariff and does not verify. */
export function receiptJson(receipt: Receipt): object {
  const { sessionId, meter, vehicle, evidence } = receipt;
  return {
    receipt: version,
    sessionId: toHex(sessionId),
    ...settledText(evidence),
    meter: { key: toHex(meter.key), records: meter.records },
    vehicle:
      vehicle === undefined
        ? null
        : {
            key: toHex(vehicle.key),
            energy_Wh: vehicle.energy_Wh,
            from_ms: vehicle.from_ms,
            to_ms: vehicle.to_ms,
            signature: toHex(vehicle.signature),
          },
    evidence: toBase64(encodeChainEvidence(evidence)),
  };
}

/** The session that the evidence's only result settled. */
export function settledSession(evidence: ChainEvidence): SessionRecord | undefined {
  const [proof] = evidence.results;
  const result = proof && decodeSessionResult(proof.result.data);
  return result?.ok ? result.value.session : undefined;
}

/** For people; a reader compares it with what the evidence says. */
function settledText(evidence: ChainEvidence): object {
  const session = settledSession(evidence);
  const settled = session?.settlement;
  if (session === undefined || settled === undefined) return { tariff: null, settlement: null };
  const { pricePerKWh, sessionFee } = session;
  return {
    tariff: { pricePerKWh, sessionFee },
    settlement: {
      operator: session.organisation,
      chargePoint: toHex(session.chargePoint),
      driver: toHex(session.driver),
      energy_Wh: settled.energy_Wh,
      beans_Wh: settled.beans_Wh,
      paid: settled.paid,
      shortfall: settled.shortfall,
      settled_ms: settled.settled_ms,
    },
  };
}

/**
 * Reads a receipt in one of the two forms that JSON.stringify gives, compact or indented by two, with or
 * without a line end. Nothing is passed over: whatever else is in the text, or in another order, is refused,
 * and so is a tariff or settlement that is not the evidence's (RECEIPT_DIFFERS).
 */
export function decodeReceipt(bytes: Uint8Array): Outcome<Receipt, ReceiptFormProblem> {
  if (bytes.length > receiptMax_bytes) return malformed("too large");
  const text = textOf(bytes);
  const fields = text === undefined ? undefined : objectOf(text);
  if (text === undefined || fields === undefined) return malformed("no JSON object");
  if (fields["receipt"] !== version) return malformed("no receipt of version 1");
  const receipt = readReceipt(fields);
  if (typeof receipt === "string") return malformed(receipt);
  const json = receiptJson(receipt) as Fields;
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (body === JSON.stringify(json) || body === JSON.stringify(json, null, 2)) {
    return accepted(receipt);
  }
  for (const name of ["tariff", "settlement"]) {
    if (JSON.stringify(fields[name]) === JSON.stringify(json[name])) continue;
    return refused({ code: "RECEIPT_DIFFERS", detail: `${name} is not what the chain settled` });
  }
  return malformed("not in the form in which receipts are written");
}

type Fields = Readonly<Record<string, unknown>>;

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function objectOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The receipt, or what is wrong with it. */
function readReceipt(fields: Fields): Receipt | string {
  const sessionId = bytesAt(fields, "sessionId", 16);
  if (sessionId === undefined) return "sessionId is not 16 bytes in hexadecimal";
  const meter = isObject(fields["meter"]) ? meterOf(fields["meter"]) : undefined;
  if (meter === undefined) return "meter is no key with signed records";
  const { vehicle: given } = fields;
  const vehicle = isObject(given) ? vehicleOf(given) : undefined;
  if (given !== null && vehicle === undefined) return "vehicle is neither null nor a signed count";
  const packed = fields["evidence"];
  const raw = typeof packed === "string" ? fromBase64(packed) : undefined;
  const evidence = raw && decodeChainEvidence(raw);
  if (evidence === undefined) return "evidence is not in base64";
  if (!evidence.ok) return `evidence: ${evidence.problem.detail}`;
  return { sessionId, meter, vehicle, evidence: evidence.value };
}

function meterOf(fields: Fields): SignedMeter | undefined {
  const { key: text, records } = fields;
  const key = typeof text === "string" ? fromHex(text) : undefined;
  if (key === undefined || !Array.isArray(records)) return undefined;
  const texts = records.filter((one) => typeof one === "string");
  return texts.length === records.length ? { key, records: texts } : undefined;
}

function vehicleOf(fields: Fields): VehicleCount | undefined {
  const key = bytesAt(fields, "key", 32);
  const signature = bytesAt(fields, "signature", 64);
  const { energy_Wh, from_ms, to_ms } = fields;
  if (key === undefined || signature === undefined) return undefined;
  if (!isWhole(energy_Wh) || !isWhole(from_ms) || !isWhole(to_ms)) return undefined;
  return { key, energy_Wh, from_ms, to_ms, signature };
}

function bytesAt(fields: Fields, name: string, length_bytes: number): Uint8Array | undefined {
  const text = fields[name];
  const bytes = typeof text === "string" ? fromHex(text) : undefined;
  return bytes?.length === length_bytes ? bytes : undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function malformed(detail: string): ReturnType<typeof refused<ReceiptFormProblem>> {
  return refused({ code: "RECEIPT_MALFORMED", detail });
}
