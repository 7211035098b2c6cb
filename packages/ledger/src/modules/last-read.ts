import type { Outcome } from "@voltfog/runtime";

/**
 * Reads records of one kind from the state, and the one that was read last only once: an order asks several
 * times for the same book, vehicle or order. Bytes in the state never change, so who holds the same array has the
 * same record; it must not be changed either.
 */
export class LastRead<T> {
  readonly #decode: (bytes: Uint8Array) => Outcome<T>;
  #last: { readonly bytes: Uint8Array; readonly record: T | undefined } | undefined;

  constructor(decode: (bytes: Uint8Array) => Outcome<T>) {
    this.#decode = decode;
  }

  /** undefined where there are no bytes, or none that read. */
  of(bytes: Uint8Array | undefined): T | undefined {
    if (bytes === undefined) return undefined;
    if (this.#last?.bytes === bytes) return this.#last.record;
    const decoded = this.#decode(bytes);
    const record = decoded.ok ? decoded.value : undefined;
    this.#last = { bytes, record };
    return record;
  }
}
