import {
  accepted,
  type MalformedProblem,
  messageOf,
  type Outcome,
  refused,
} from "@voltfog/runtime";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The JSON object in the bytes; MALFORMED for anything else and for anything longer than the limit. */
export function parseJsonObject(options: {
  bytes: Uint8Array;
  limit_bytes: number;
}): Outcome<Readonly<Record<string, unknown>>, MalformedProblem> {
  const { bytes, limit_bytes } = options;
  if (bytes.length > limit_bytes) {
    const detail = `${bytes.length} bytes of JSON, at most ${limit_bytes}`;
    return refused({ code: "MALFORMED", detail });
  }
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    if (isRecord(value)) return accepted(value);
  } catch (thrown) {
    return refused({ code: "MALFORMED", detail: messageOf(thrown) });
  }
  return refused({ code: "MALFORMED", detail: "the JSON is no object" });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON with sorted keys and no spaces, so that one value has one text. Numbers as ECMAScript prints them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(",")}}`;
}
