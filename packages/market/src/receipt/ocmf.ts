import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Why a reading was taken; B begins a transaction, E, L, R, A and P end it. */
export type OcmfReason = "B" | "C" | "X" | "E" | "L" | "R" | "A" | "P" | "S" | "T";

/** One value of the meter. */
export interface OcmfReading {
  readonly time_ms: number;
  /** How far the clock can be trusted: unknown, informative, synchronised, relative. */
  readonly clock: "U" | "I" | "S" | "R";
  readonly reason: OcmfReason;
  /** Whole watt-hours of the register, rounded down. */
  readonly register_Wh: number;
  /** OBIS code of the register; empty where none is given. */
  readonly register: string;
  /** G: the meter works. */
  readonly status: string;
  /** E: the energy may be wrong; t: the time may be. */
  readonly errors: string;
}

/** What a charge point's meter signed, as far as a receipt rests on it. */
export interface OcmfRecord {
  readonly formatVersion: string;
  /** Of a transaction (T) or of the meter itself (F), counted. */
  readonly pagination: string;
  readonly meterSerial: string;
  /** Whom it was for: the identification data of the session; empty where none is given. */
  readonly identification: string;
  /** Id of the charge point; empty where none is given. */
  readonly chargePoint: string;
  readonly readings: readonly OcmfReading[];
}

/** The parts of `OCMF|payload|signature`; the signature is over the payload's bytes as they stand. */
export interface OcmfText {
  readonly record: OcmfRecord;
  readonly payload: string;
  readonly algorithm: string;
  /** DER. */
  readonly signature: Uint8Array;
}

export interface OcmfProblem extends Problem {
  readonly code: "OCMF_MALFORMED";
  readonly detail: string;
}

/** The longest text; what OCPI's signed data can carry. */
export const ocmfLength = 5000;
const readingsMax = 256;
const textLength = 100;
const defaultAlgorithm = "ECDSA-secp256r1-SHA256";

/**
 * Reads an Open Charge Metering Format text, versions 0.4 to 1.x: `OCMF|{payload}|{signature}`. Fields that a receipt
 * does not rest on are passed over; the signature covers them all the same.
 */
export function decodeOcmf(text: string): Outcome<OcmfText, OcmfProblem> {
  if (text.length > ocmfLength) return malformed(`longer than ${ocmfLength} characters`);
  const last = text.lastIndexOf("|");
  if (!text.startsWith("OCMF|") || last < "OCMF|".length) {
    return malformed("not of the form OCMF|payload|signature");
  }
  const payload = text.slice("OCMF|".length, last);
  const content = objectOf(payload);
  const seal = objectOf(text.slice(last + 1));
  if (content === undefined || seal === undefined) {
    return malformed("payload and signature are not both a JSON object");
  }
  const record = recordOf(content);
  if (typeof record === "string") return malformed(record);
  const signature = signatureOf(seal);
  if (typeof signature === "string") return malformed(signature);
  return accepted({ record, payload, ...signature });
}

type Fields = Readonly<Record<string, unknown>>;

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

/** The record, or what is wrong with it. */
function recordOf(fields: Fields): OcmfRecord | string {
  const [formatVersion, pagination, meterSerial] = ["FV", "PG", "MS"].map((name) =>
    textAt(fields, name),
  );
  const [identification, chargePoint] = ["ID", "CI"].map((name) => textAt(fields, name, ""));
  if (formatVersion === undefined || !/^(0\.[4-9]|1\.\d+)$/.test(formatVersion)) {
    return "FV is no version that this reads";
  }
  if (pagination === undefined || !/^[TF]\d{1,18}$/.test(pagination)) return "PG is no pagination";
  if (meterSerial === undefined || meterSerial === "") return "MS is missing";
  if (identification === undefined || chargePoint === undefined) return "ID or CI is no short text";
  const readings = fields["RD"];
  if (!Array.isArray(readings) || readings.length === 0 || readings.length > readingsMax) {
    return `RD is no list of 1 to ${readingsMax} readings`;
  }
  const read: OcmfReading[] = [];
  for (const [at, one] of readings.entries()) {
    const reading = isObject(one) ? readingOf(one) : "is no object";
    if (typeof reading === "string") return `reading ${at}: ${reading}`;
    read.push(reading);
  }
  return { formatVersion, pagination, meterSerial, identification, chargePoint, readings: read };
}

function textAt(fields: Fields, name: string, absent?: string): string | undefined {
  const value = fields[name] ?? absent;
  return typeof value === "string" && value.length <= textLength ? value : undefined;
}

function readingOf(fields: Fields): OcmfReading | string {
  const time = timeOf(textAt(fields, "TM") ?? "");
  if (time === undefined) return "TM is no time";
  const reason = textAt(fields, "TX", "C") ?? "";
  if (!/^[BCXELRAPST]$/.test(reason)) return "TX is no reason";
  const register_Wh = wholeWattHours(fields["RV"], fields["RU"]);
  if (register_Wh === undefined) return "RV and RU are no energy of a meter";
  const [register, status, errors] = [
    textAt(fields, "RI", ""),
    textAt(fields, "ST"),
    textAt(fields, "EF", ""),
  ];
  if (register === undefined || errors === undefined) return "RI or EF is no short text";
  if (status === undefined || !/^[A-Z]$/.test(status)) return "ST is no status";
  return { ...time, reason: reason as OcmfReason, register_Wh, register, status, errors };
}

const timePattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d),(\d{3})([+-])(\d\d)(\d\d) ([UISR])$/;

function timeOf(text: string): Pick<OcmfReading, "time_ms" | "clock"> | undefined {
  const found = timePattern.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second, part] = found.slice(1, 8).map(Number) as [
    ...[number, number, number, number, number, number, number],
  ];
  const local_ms = Date.UTC(year, month - 1, day, hour, minute, second, part);
  // A day that no calendar has would otherwise become one of the next month.
  if (!new Date(local_ms).toISOString().startsWith(text.slice(0, 19))) return undefined;
  const offset_ms = (Number(found[9]) * 60 + Number(found[10])) * 60_000;
  if (Number(found[9]) > 14 || Number(found[10]) > 59) return undefined;
  const time_ms = local_ms - (found[8] === "-" ? -offset_ms : offset_ms);
  return time_ms < 0 ? undefined : { time_ms, clock: found[11] as OcmfReading["clock"] };
}

const decimals: Readonly<Record<string, number>> = { Wh: 0, kWh: 3 };

/**
 * Exact: by the decimal digits of the number as it was written, not by a product of binary fractions,
 * which would make 1.001 kWh into 1000.9999 Wh.
 */
function wholeWattHours(value: unknown, unit: unknown): number | undefined {
  const shift = typeof unit === "string" ? decimals[unit] : undefined;
  if (typeof value !== "number" || shift === undefined) return undefined;
  const found = /^(\d+)(?:\.(\d+))?$/.exec(String(value));
  if (found === null) return undefined; // Negative, or with an exponent: below 1e-6 or above 1e21.
  const moved = Number((found[1] ?? "") + (found[2] ?? "").padEnd(shift, "0").slice(0, shift));
  return Number.isSafeInteger(moved) ? moved : undefined;
}

function signatureOf(fields: Fields): Pick<OcmfText, "algorithm" | "signature"> | string {
  const algorithm = textAt(fields, "SA", defaultAlgorithm);
  if (algorithm === undefined) return "SA is no short text";
  if ((fields["SM"] ?? "application/x-der") !== "application/x-der") return "SM is not DER";
  const data = fields["SD"];
  const bytes = typeof data === "string" ? bytesOf(data, fields["SE"] ?? "hex") : undefined;
  if (bytes === undefined) return "SD is not encoded as SE says";
  return { algorithm, signature: bytes };
}

const signatureMax_bytes = 160;

function bytesOf(text: string, encoding: unknown): Uint8Array | undefined {
  if (text.length > 2 * signatureMax_bytes) return undefined;
  if (encoding === "hex") {
    if (!/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return undefined;
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  if (encoding !== "base64") return undefined;
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function malformed(detail: string): ReturnType<typeof refused<OcmfProblem>> {
  return refused({ code: "OCMF_MALFORMED", detail });
}
