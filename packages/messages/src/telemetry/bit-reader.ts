import { escapeZeros } from "./rice.ts";

/** Reads what BitWriter wrote. Every method calls `fail` instead of reading past the end. */
export class BitReader {
  /** The input, followed by enough zero bytes for the loop over cells to run over the end unharmed. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the input ends, in bits. */
  readonly end: number;
  readonly fail: (detail: string) => never;
  /** The next bit to read. Public because the loop over cells keeps it in a local variable. */
  position = 0;

  constructor(options: {
    input: Uint8Array;
    slack_bytes: number;
    fail: (detail: string) => never;
  }) {
    this.bytes = new Uint8Array(options.input.length + options.slack_bytes + 8);
    this.bytes.set(options.input);
    this.view = new DataView(this.bytes.buffer);
    this.end = options.input.length * 8;
    this.fail = options.fail;
  }

  /** 0 to 32 bits as a whole number ≥ 0. */
  bits(count: number): number {
    if (this.position + count > this.end) this.fail("the bits end early");
    if (count === 0) return 0;
    const value = this.#window() >>> (32 - count);
    this.position += count;
    return value;
  }

  number(): number {
    const length = this.bits(6);
    if (length === 0) return 0;
    if (length > 53) this.fail(`number of ${length} bits`);
    const high = length > 33 ? this.bits(length - 33) + 2 ** (length - 33) : 0;
    if (length > 33) return high * 4294967296 + this.bits(32);
    return 2 ** (length - 1) + this.bits(length - 1);
  }

  rice(k: number): number {
    const zeros = Math.clz32(this.#window());
    if (zeros < escapeZeros) {
      this.bits(zeros + 1);
      return zeros * 2 ** k + this.bits(k);
    }
    this.bits(escapeZeros);
    const value = this.number();
    if (value < escapeZeros * 2 ** k) this.fail("an escape that was not needed");
    return value;
  }

  /** The number of zeros before the next one; fails beyond `max`. */
  unary(max: number): number {
    let zeros = 0;
    while (this.bits(1) === 0) if (++zeros > max) this.fail("too many zeros");
    return zeros;
  }

  /** Ends the reading: less than a byte may be left over, and only zeros. */
  finish(): void {
    const left = this.end - this.position;
    if (left >= 8) this.fail(`${left >>> 3} bytes left over`);
    if (left < 0 || this.bits(left) !== 0) this.fail("the last byte is not filled up with zeros");
  }

  /** The 32 bits from the position on. */
  #window(): number {
    const at = this.position >>> 3;
    const shift = this.position & 7;
    return (this.view.getUint32(at) << shift) | ((this.bytes[at + 4] as number) >>> (8 - shift));
  }
}
