import {
  accepted,
  type Crypto,
  concatBytes,
  fromHex,
  type Outcome,
  refused,
  type Signer,
  toHex,
  utf8,
} from "@voltfog/runtime";

/** What a manufacturer vouches for of one pack: what went through it until it left the factory. */
export interface FactoryCounts {
  readonly pack: string;
  readonly manufacturer: string;
  /** When the pack left. */
  readonly exit_ms: number;
  readonly nominal_Wh: number;
  readonly charged_Ah: number;
  readonly discharged_Ah: number;
  readonly charged_Wh: number;
  readonly discharged_Wh: number;
}

/** Counts with a key that signed them; that the key is the manufacturer's is for the reader to know. */
export interface FactoryRecord extends FactoryCounts {
  readonly publicKey: Uint8Array;
}

export interface FactoryRecordProblem {
  readonly code:
    | "FACTORY_RECORD_MALFORMED"
    | "FACTORY_RECORD_VERSION_UNKNOWN"
    | "FACTORY_RECORD_SIGNATURE_INVALID";
  readonly detail: string;
}

const format = "voltfog-factory-1";
const domain = utf8("voltfog/factory-record/1\n");
const textMax = 10_000;
const nameMax = 64;
const amounts = [
  "nominal_Wh",
  "charged_Ah",
  "discharged_Ah",
  "charged_Wh",
  "discharged_Wh",
] as const;
const fields = ["format", "pack", "manufacturer", "exit_ms", ...amounts, "publicKey", "signature"];
const amountMax = 1e12;
const timeMax_ms = 8.64e15;

/** The record as a file: JSON whose fields, in their one order and without spaces, are what is signed. */
export function sealFactoryRecord(counts: FactoryCounts, signer: Signer): string {
  const signature = toHex(signer.sign(signedBytes(counts)));
  const record = { ...bodyOf(counts), publicKey: toHex(signer.publicKey), signature };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Strict: a missing, surplus or impossible field, or a signature that does not fit, refuses the record. */
export function openFactoryRecord(
  text: string,
  verifier: Pick<Crypto, "verify">,
): Outcome<FactoryRecord, FactoryRecordProblem> {
  const malformed = (detail: string): Outcome<FactoryRecord, FactoryRecordProblem> =>
    refused({ code: "FACTORY_RECORD_MALFORMED", detail });
  const given = objectIn(text);
  if (given === undefined) return malformed("no JSON object of at most 10000 characters");
  if (given["format"] !== format) {
    const detail = `format is ${JSON.stringify(given["format"] ?? null)}, read is ${format}`;
    return refused({ code: "FACTORY_RECORD_VERSION_UNKNOWN", detail });
  }
  const surplus = Object.keys(given).find((name) => !fields.includes(name));
  if (surplus !== undefined) return malformed(`${surplus} is no field of it`);
  const counts = countsIn(given);
  if (typeof counts === "string") return malformed(`${counts} is missing or impossible`);
  const publicKey = bytesIn(given["publicKey"], 32);
  const signature = bytesIn(given["signature"], 64);
  if (publicKey === undefined || signature === undefined) {
    return malformed("publicKey or signature is no lower-case hex of 32 and 64 bytes");
  }
  if (!verifier.verify({ publicKey, message: signedBytes(counts), signature })) {
    const detail = "its fields are not those that its key signed";
    return refused({ code: "FACTORY_RECORD_SIGNATURE_INVALID", detail });
  }
  return accepted({ ...counts, publicKey });
}

function bodyOf(counts: FactoryCounts): Readonly<Record<string, string | number>> {
  const { pack, manufacturer, exit_ms, nominal_Wh } = counts;
  const { charged_Ah, discharged_Ah, charged_Wh, discharged_Wh } = counts;
  return {
    ...{ format, pack, manufacturer, exit_ms, nominal_Wh },
    ...{ charged_Ah, discharged_Ah, charged_Wh, discharged_Wh },
  };
}

function signedBytes(counts: FactoryCounts): Uint8Array {
  return concatBytes(domain, utf8(JSON.stringify(bodyOf(counts))));
}

/** The counts, or the name of the first field that is none. */
function countsIn(given: Readonly<Record<string, unknown>>): FactoryCounts | string {
  const { pack, manufacturer, exit_ms } = given;
  if (!isName(pack)) return "pack";
  if (!isName(manufacturer)) return "manufacturer";
  if (!isAmount(exit_ms, timeMax_ms) || !Number.isSafeInteger(exit_ms)) return "exit_ms";
  const wrong = amounts.find((name) => !isAmount(given[name], amountMax));
  if (wrong !== undefined) return wrong;
  if (given["nominal_Wh"] === 0) return "nominal_Wh";
  return { ...(given as unknown as FactoryCounts), pack, manufacturer, exit_ms };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= nameMax;
}

function isAmount(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}

function bytesIn(value: unknown, length: number): Uint8Array | undefined {
  return typeof value === "string" && value.length === 2 * length ? fromHex(value) : undefined;
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > textMax) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
