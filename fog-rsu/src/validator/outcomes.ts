import type { Chain, Result } from "@voltfog/ledger";

/** Transactions whose outcome is found by their hash; those before them are with the cloud. */
const outcomesMax = 131_072;

type ResultsLog = Pick<Chain, "resultsSize" | "resultAt">;

/** Where the newest transactions' results are, by the transactions' hashes. */
export class Outcomes {
  readonly #chain: ResultsLog;
  readonly #limit: number;
  /** Index in the log of results by hash, oldest first. */
  readonly #indexes = new Map<string, number>();

  /** Begins with what the chain holds in memory. */
  constructor(options: { chain: ResultsLog; limit?: number }) {
    const { chain, limit = outcomesMax } = options;
    this.#chain = chain;
    this.#limit = limit;
    const size = chain.resultsSize;
    for (let index = Math.max(0, size - limit); index < size; index++) {
      const result = chain.resultAt(index);
      if (result !== undefined) this.#add(result.txHash, index);
    }
  }

  /** Adds those of a block that became final, after which the log of results had this size. */
  take({ resultsSize, results }: { resultsSize: number; results: readonly Result[] }): void {
    const first = resultsSize - results.length;
    for (const [at, { txHash }] of results.entries()) this.#add(txHash, first + at);
  }

  /** The result of a transaction; undefined where none is final here, or no longer at hand. */
  of(hash: Uint8Array): Result | undefined {
    const index = this.#indexes.get(keyOf(hash));
    return index === undefined ? undefined : this.#chain.resultAt(index);
  }

  #add(hash: Uint8Array, index: number): void {
    this.#indexes.set(keyOf(hash), index);
    if (this.#indexes.size <= this.#limit) return;
    const [oldest] = this.#indexes.keys();
    if (oldest !== undefined) this.#indexes.delete(oldest);
  }
}

/** Half the memory of hex. */
function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("latin1");
}
