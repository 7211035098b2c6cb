import { escapeZeros } from "./rice.ts";

/** Writes bits, most significant first, into a buffer of fixed size that the caller has counted out. */
export class BitWriter {
  readonly bytes: Uint8Array;
  /** The next bit to write. Public because the loop over cells keeps it in a local variable. */
  position = 0;

  constructor(size_bytes: number) {
    this.bytes = new Uint8Array(size_bytes);
  }

  /** The low bits of the value, 0 to 32 of them. */
  bits(value: number, count: number): void {
    if (count > 0) putCode({ bytes: this.bytes, position: this.position, code: value, count });
    this.position += count;
  }

  /** A whole number ≥ 0 below 2^53: its length in 6 bits, then its bits below the leading one. */
  number(value: number): void {
    const high = Math.floor(value / 4294967296);
    const low = value >>> 0;
    const length = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
    this.bits(length, 6);
    if (length > 33) this.bits(high, length - 33);
    if (length > 1) this.bits(low, Math.min(32, length - 1));
  }

  /** Rice's code; the escape is the number itself. */
  rice(value: number, k: number): void {
    const zeros = Math.floor(value / 2 ** k);
    if (zeros < escapeZeros) {
      this.bits(1, zeros + 1);
      this.bits(value >>> 0, k);
    } else {
      this.bits(0, escapeZeros);
      this.number(value);
    }
  }

  /** What was written, filled up to whole bytes with zeros. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, (this.position + 7) >>> 3);
  }
}

/** Adds a code of 1 to 32 bits at a place where only zeros are; touches the five bytes from there. */
function putCode(options: {
  bytes: Uint8Array;
  position: number;
  code: number;
  count: number;
}): void {
  const { bytes, position } = options;
  const at = position >>> 3;
  const shift = position & 7;
  const word = options.code << (32 - options.count);
  bytes[at] = (bytes[at] as number) | (word >>> (24 + shift));
  bytes[at + 1] = word >>> (16 + shift);
  bytes[at + 2] = word >>> (8 + shift);
  bytes[at + 3] = word >>> shift;
  bytes[at + 4] = shift === 0 ? 0 : word << (8 - shift);
}
