import { type Clock, decodeBytes } from "@voltfog/runtime";

/**
 * Nonces that rise through restarts without a file: the wall clock's milliseconds, or one more than
 * any that was used or that the chain has seen, whichever is higher. Gaps are allowed.
 */
export class NonceSource {
  readonly #clock: Clock;
  #last = 0;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#clock.wall_ms());
    return this.#last;
  }

  /** Takes note of the chain's value of the sender's nonce/ name; gives that nonce, 0 for none. */
  learn(value: Uint8Array | undefined): number {
    if (value === undefined) return 0;
    const read = decodeBytes(value, (reader) => reader.u64());
    const nonce = read.ok ? read.value : 0;
    this.#last = Math.max(this.#last, nonce);
    return nonce;
  }
}
