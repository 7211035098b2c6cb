import {
  accepted,
  fromHex,
  type MalformedProblem,
  type Outcome,
  refused,
  utf8,
} from "@voltfog/runtime";
import { requireEncodable } from "./encodable.ts";
import type { Stream } from "./frame.ts";
import { parseJsonObject } from "./json-object.ts";
import { type RefusalCode, refusalCodes } from "./refusal-code.ts";

/** Why a unit did not take a frame, told to the vehicle and to the unit's operators. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  /** The place the frame claimed, where it could be read. */
  readonly stream?: Stream;
  readonly sequence?: number;
  /** SHA-256 of the frame's bytes, lower-case hex. */
  readonly commitment?: string;
}

const refusalMax_bytes = 4096;
const refusalVersion = 1;

/** JSON in UTF-8. NOT_ENCODABLE when it would be over 4096 bytes. */
export function encodeRefusal(refusal: Refusal): Uint8Array {
  const { code, detail, stream, sequence, commitment } = refusal;
  const bytes = utf8(
    JSON.stringify({ version: refusalVersion, code, detail, stream, sequence, commitment }),
  );
  requireEncodable(bytes.length <= refusalMax_bytes, `refusal has ${bytes.length} bytes`);
  return bytes;
}

/** Total: any bytes give a refusal or a problem. A refusal without a version is of before it had one. */
export function decodeRefusal(bytes: Uint8Array): Outcome<Refusal, MalformedProblem> {
  const parsed = parseJsonObject({ bytes, limit_bytes: refusalMax_bytes });
  if (!parsed.ok) return parsed;
  const fields = new Map(Object.entries(parsed.value));
  const { version = refusalVersion } = parsed.value;
  if (version !== refusalVersion) return malformed("version is none that is known");
  const code = refusalCodes.find((known) => known === fields.get("code"));
  const detail = fields.get("detail");
  if (code === undefined) return malformed("code is none that is known");
  if (typeof detail !== "string") return malformed("detail is no text");
  const place = readPlace(fields);
  return place === undefined
    ? malformed("a field is not as it must be")
    : accepted({ code, detail, ...place });
}

function readPlace(
  fields: ReadonlyMap<string, unknown>,
): Omit<Refusal, "code" | "detail"> | undefined {
  const known = ["version", "code", "detail", "stream", "sequence", "commitment"];
  if ([...fields.keys()].some((key) => !known.includes(key))) return undefined;
  const stream = fields.get("stream");
  const sequence = fields.get("sequence");
  const commitment = fields.get("commitment");
  if (stream !== undefined && stream !== "telemetry" && stream !== "urgent") return undefined;
  if (sequence !== undefined && !isSequence(sequence)) return undefined;
  if (commitment !== undefined && !isCommitment(commitment)) return undefined;
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(commitment === undefined ? {} : { commitment }),
  };
}

function isSequence(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function isCommitment(value: unknown): value is string {
  return typeof value === "string" && fromHex(value)?.length === 32;
}

function malformed(detail: string): { readonly ok: false; readonly problem: MalformedProblem } {
  return refused({ code: "MALFORMED", detail });
}
