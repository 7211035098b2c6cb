import { CodedError, utf8 } from "@voltfog/runtime";

/** Stops an encoder whose caller broke its promise; nothing that was received reaches this. */
export function requireEncodable(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CodedError({ code: "NOT_ENCODABLE", message });
}

/** The whole number itself; NOT_ENCODABLE outside its range. */
export function wholeNumber(options: {
  name: string;
  value: number;
  min: number;
  max: number;
}): number {
  const { name, value, min, max } = options;
  requireEncodable(
    Number.isInteger(value) && value >= min && value <= max,
    `${name} is ${value}, must be a whole number from ${min} to ${max}`,
  );
  return value + 0; // −0 becomes 0
}

/** A clock reading in whole milliseconds; a finer reading is cut down to them. */
export function wholeMilliseconds(name: string, value_ms: number): number {
  return wholeNumber({ name, value: Math.floor(value_ms), min: 0, max: Number.MAX_SAFE_INTEGER });
}

/** A value in whole thousandths, rounded to the nearest, in 32 bits. */
export function thousandths(name: string, value: number): number {
  return wholeNumber({
    name: `${name} in thousandths`,
    value: Math.round(value * 1000),
    min: -(2 ** 31),
    max: 2 ** 31 - 1,
  });
}

/** The bytes themselves; NOT_ENCODABLE when there are more or fewer. */
export function bytesOfLength(name: string, bytes: Uint8Array, length_bytes: number): Uint8Array {
  requireEncodable(
    bytes.length === length_bytes,
    `${name} has ${bytes.length} bytes, must have ${length_bytes}`,
  );
  return bytes;
}

/** Text of at most 255 bytes that UTF-8 can carry unchanged. */
export function shortText(name: string, text: string): string {
  requireEncodable(isWellFormed(text), `${name} is not well-formed text`);
  requireEncodable(utf8(text).length <= 255, `${name} is longer than 255 bytes`);
  return text;
}

/** The position of a name in its list, which is its code on the wire. */
export function codeOf<T extends string>(names: readonly T[], name: T): number {
  const code = names.indexOf(name);
  requireEncodable(code >= 0, `${name} is none of ${names.join(", ")}`);
  return code;
}

/** Whether UTF-8 carries the text unchanged: it holds no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
