import {
  accepted,
  ByteWriter,
  type Crypto,
  type Outcome,
  type Problem,
  refused,
  utf8,
} from "@voltfog/runtime";
import { decodeOcmf, type OcmfReading, type OcmfRecord } from "./ocmf.ts";
import { checkOcmfSignature, type OcmfSignatureCode } from "./ocmf-signature.ts";

/** The signed values of one session: one record or several, and the key that signed them all. */
export interface SignedMeter {
  /** SubjectPublicKeyInfo, DER. */
  readonly key: Uint8Array;
  /** OCMF texts, in the order in which they were signed. */
  readonly records: readonly string[];
}

/** What the meter says of a session. */
export interface MeteredSession {
  readonly meterSerial: string;
  readonly chargePoint: string;
  /** Whom the records are for. */
  readonly identification: string;
  readonly begin: OcmfReading;
  readonly end: OcmfReading;
  readonly energy_Wh: number;
}

export interface MeterProblem extends Problem {
  readonly code: "OCMF_MALFORMED" | OcmfSignatureCode | "OCMF_READINGS";
  readonly detail: string;
}

/** Records in one session. */
export const meterRecordsMax = 8;
const ends: ReadonlySet<string> = new Set(["E", "L", "R", "A", "P"]);

/**
 * Checks every record's signature and that together they are one transaction of one working meter: it
 * begins with B, ends with one of E L R A P, and no value and no time goes back.
 */
export function readMeter(meter: SignedMeter): Outcome<MeteredSession, MeterProblem> {
  const { records, key } = meter;
  if (records.length === 0 || records.length > meterRecordsMax) {
    return readings(`${records.length} records, 1 to ${meterRecordsMax} are possible`);
  }
  const read: OcmfRecord[] = [];
  for (const [at, text] of records.entries()) {
    const decoded = decodeOcmf(text);
    if (!decoded.ok) return decoded;
    const code = checkOcmfSignature(decoded.value, key);
    if (code !== undefined) return refused({ code, detail: `record ${at}` });
    read.push(decoded.value.record);
  }
  return transactionOf(read);
}

function transactionOf(records: readonly OcmfRecord[]): Outcome<MeteredSession, MeterProblem> {
  const [first] = records;
  const values = records.flatMap((record) => record.readings);
  const [begin, end] = [values.at(0), values.at(-1)];
  if (first === undefined || begin === undefined || end === undefined) return readings("none");
  const { meterSerial, chargePoint, identification } = first;
  const isOne = records.every(
    (other) => other.meterSerial === meterSerial && other.identification === identification,
  );
  if (!isOne) return readings("of several meters or sessions");
  if (begin.reason !== "B" || values.slice(1).some(({ reason }) => reason === "B")) {
    return readings("the first is not the one beginning");
  }
  if (!ends.has(end.reason) || values.slice(0, -1).some(({ reason }) => ends.has(reason))) {
    return readings("the last is not the one end");
  }
  const faulty = values.findIndex(({ status, errors }) => status !== "G" || errors.includes("E"));
  if (faulty >= 0) return readings(`reading ${faulty} is of a meter that does not work`);
  const back = values.findIndex((one, at) => goesBack(values[at - 1], one));
  if (back >= 0) return readings(`reading ${back} goes back`);
  const energy_Wh = end.register_Wh - begin.register_Wh;
  return accepted({ meterSerial, chargePoint, identification, begin, end, energy_Wh });
}

function goesBack(before: OcmfReading | undefined, after: OcmfReading): boolean {
  if (before === undefined) return false;
  const isOther = before.register !== after.register;
  return isOther || after.register_Wh < before.register_Wh || after.time_ms < before.time_ms;
}

/**
 * What the charge point puts on the chain for its meter's records: H(`voltfog/ocmf/1\n` ‖ block key ‖
 * list of block OCMF text). It binds the key too, which no other place of the chain names.
 */
export function meterHash({ key, records }: SignedMeter, crypto: Crypto): Uint8Array {
  const writer = new ByteWriter().raw(utf8("voltfog/ocmf/1\n")).block(key).u32(records.length);
  for (const text of records) writer.block(utf8(text));
  return crypto.sha256(writer.finish());
}

function readings(detail: string): ReturnType<typeof refused<MeterProblem>> {
  return refused({ code: "OCMF_READINGS", detail });
}
