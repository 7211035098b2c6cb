import { type Crypto, equalBytes } from "@voltfog/runtime";
import { leafHash } from "../log/tree-hash.ts";
import { encodeResult, type Result } from "./result.ts";
import type { ResultsLog } from "./results-log.ts";

/** Results whose bytes are kept in memory; older ones are in the block store. */
export const resultsKeptDefault = 131_072;

/** The newest results of a chain's log, whole; of the older ones the log has only the hashes. */
export class KeptResults {
  readonly #log: ResultsLog;
  readonly #crypto: Crypto;
  readonly #limit: number;
  /** The first of them has index `log size − length`. */
  #results: Result[] = [];

  constructor(options: { log: ResultsLog; crypto: Crypto; resultsKept?: number }) {
    this.#log = options.log;
    this.#crypto = options.crypto;
    this.#limit = options.resultsKept ?? resultsKeptDefault;
  }

  /** Those that the log has just taken. */
  append(results: readonly Result[]): void {
    this.#results.push(...results);
    // Cut in large steps, so that a block costs no copy of the window.
    if (this.#results.length > 2 * this.#limit) {
      this.#results = this.#results.slice(this.#results.length - this.#limit);
    }
  }

  /** A kept result, or the one from elsewhere if it is the one that the log has hashed. */
  at(index: number, known?: Result): Result | undefined {
    const kept = this.#results[index - (this.#log.size - this.#results.length)];
    if (kept !== undefined) return kept;
    if (known === undefined || index >= this.#log.size) return undefined;
    const leaf = leafHash(encodeResult(known), this.#crypto);
    return equalBytes(leaf, this.#log.leaf(index)) ? known : undefined;
  }
}
