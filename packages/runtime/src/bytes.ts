import { accepted, type Outcome, type Problem, refused } from "./outcome.ts";

const encoder = new TextEncoder();
// A byte order mark is kept: dropping it would give two encodings of one text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Keys, hashes and shorter: their digits are written into one place, again and again. */
const hexKept_bytes = 64;
const hexDigits = new Uint8Array(2 * hexKept_bytes);
/** The first digits of it, by the number of bytes that they stand for. */
const hexStarts: (Uint8Array | undefined)[] = [];

function digitsFor(length: number): Uint8Array {
  if (length > hexKept_bytes) return new Uint8Array(2 * length);
  const known = hexStarts[length] ?? hexDigits.subarray(0, 2 * length);
  hexStarts[length] = known;
  return known;
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  const digits = digitsFor(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    digits[2 * i] = hexDigit(byte >> 4);
    digits[2 * i + 1] = hexDigit(byte & 15);
  }
  // One flat string: put together piece by piece, V8 keeps a tree of pieces, 1.6 kB for a hash.
  return decoder.decode(digits);
}

/** The ASCII code of 0–9, a–f. */
function hexDigit(value: number): number {
  return value < 10 ? 48 + value : 87 + value;
}

/** Bytes of lower-case hex, or undefined where the text is anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** −1, 0 or 1 in the order of unsigned bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

interface Space {
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
}

const space_bytes = 256;
const emptyView = new DataView(new ArrayBuffer(0));
/** Of a writer that has finished: signed bytes are written a hundred thousand times a second. */
let spare: Space | undefined;

function newSpace(): Space {
  const buffer = new Uint8Array(space_bytes);
  return { buffer, view: new DataView(buffer.buffer) };
}

/** Writes big-endian fields one after the other; every format of the product is built with it. */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor() {
    const space = spare ?? newSpace();
    spare = undefined;
    this.#buffer = space.buffer;
    this.#view = space.view;
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, at));
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): this {
    const at = this.#reserve(1); // first: it may replace the buffer
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2); // first: it may replace the buffer
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4); // first: it may replace the buffer
    this.#view.setUint32(at, value);
    return this;
  }

  i16(value: number): this {
    const at = this.#reserve(2); // first: it may replace the buffer
    this.#view.setInt16(at, value);
    return this;
  }

  i32(value: number): this {
    const at = this.#reserve(4); // first: it may replace the buffer
    this.#view.setInt32(at, value);
    return this;
  }

  /** A whole number up to 2^53 − 1 in eight bytes. */
  u64(value: number): this {
    const at = this.#reserve(8);
    this.#view.setUint32(at, Math.floor(value / 4294967296));
    this.#view.setUint32(at + 4, value >>> 0);
    return this;
  }

  /** Exactly these bytes, no length before them. */
  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length); // first: it may replace the buffer
    this.#buffer.set(bytes, at);
    return this;
  }

  /** A 32-bit length, then the bytes. */
  block(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** An 8-bit length, then UTF-8 text of at most 255 bytes. */
  text(value: string): this {
    const bytes = utf8(value);
    return this.u8(bytes.length).raw(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** A copy. The writer's own space goes to the next writer, so writing on moves to a new one. */
  finish(): Uint8Array {
    const bytes = this.#buffer.slice(0, this.#length);
    if (spare === undefined && this.#view !== emptyView && this.#buffer.length === space_bytes) {
      spare = { buffer: this.#buffer, view: this.#view };
      this.#buffer = bytes; // Full: the next field finds no room and copies it out.
      this.#view = emptyView;
    }
    return bytes;
  }
}

/** The input ended early, had bytes left over, or was not in its one canonical form. */
export interface MalformedProblem extends Problem {
  readonly code: "MALFORMED";
  readonly detail: string;
}

class Malformed extends Error {}

/**
 * Reads what ByteWriter wrote. Its methods throw a private error on malformed input, so it is used
 * only inside {@link decodeBytes}, which turns that into an Outcome.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's slice shares memory; a plain view over the same bytes copies, as raw() promises.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw new Malformed(`ends at byte ${this.#bytes.length}, needs ${at + count}`);
    }
    this.#at = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  u64(): number {
    const at = this.#take(8);
    const value = this.#view.getUint32(at) * 4294967296 + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) this.fail(`number at byte ${at} is over 2^53 - 1`);
    return value;
  }

  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.slice(at, at + count);
  }

  /** A length-prefixed block of at most `limit_bytes`. */
  block(limit_bytes: number): Uint8Array {
    const length = this.u32();
    if (length > limit_bytes) this.fail(`block of ${length} bytes, at most ${limit_bytes}`);
    return this.raw(length);
  }

  text(): string {
    const bytes = this.raw(this.u8());
    try {
      return decoder.decode(bytes);
    } catch {
      return this.fail("text is not UTF-8");
    }
  }

  /** A count of at most `limit`, then that many items. */
  list<T>(options: { limit: number; read: (reader: ByteReader) => T }): T[] {
    const count = this.u32();
    if (count > options.limit) this.fail(`list of ${count} items, at most ${options.limit}`);
    return Array.from({ length: count }, () => options.read(this));
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  fail(detail: string): never {
    throw new Malformed(detail);
  }
}

/** Runs a reader over the whole input; anything missing or left over is MALFORMED. */
export function decodeBytes<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  const reader = new ByteReader(bytes);
  try {
    const value = read(reader);
    if (reader.remaining > 0) {
      return refused({ code: "MALFORMED", detail: `${reader.remaining} bytes left over` });
    }
    return accepted(value);
  } catch (thrown) {
    if (thrown instanceof Malformed) return refused({ code: "MALFORMED", detail: thrown.message });
    throw thrown;
  }
}
