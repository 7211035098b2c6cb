import type { SubmittedTx } from "@voltfog/consensus/node";
import type { Chain, Result } from "@voltfog/ledger";

/** Transactions whose outcome is found by their hash; those before them are with the cloud. */
const outcomesMax = 131_072;

type ResultsLog = Pick<Chain, "resultsSize" | "resultAt" | "nonceOf">;

/** What became of the newest transactions, by their hashes. */
export class Outcomes {
  readonly #chain: ResultsLog;
  readonly #limit: number;
  /** Index in the log of results by hash, oldest first. */
  readonly #indexes = new Map<string, number>();
  /** What clients gave this validator and is in no final block, oldest first. */
  readonly #awaited = new Map<string, Pick<SubmittedTx, "sender" | "nonce">>();

  /** Size of the log of results up to which blocks were told of. */
  #told: number;

  /** Begins with what the chain holds in memory. */
  constructor(options: { chain: ResultsLog; limit?: number }) {
    const { chain, limit = outcomesMax } = options;
    this.#chain = chain;
    this.#limit = limit;
    const size = chain.resultsSize;
    this.#told = size;
    for (let index = Math.max(0, size - limit); index < size; index++) {
      const result = chain.resultAt(index);
      if (result !== undefined) this.#add(result.txHash, index);
    }
  }

  /** Adds those of a block that became final, after which the log of results had this size. */
  take({ resultsSize, results }: { resultsSize: number; results: readonly Result[] }): void {
    const first = resultsSize - results.length;
    for (const [at, { txHash }] of results.entries()) this.#add(txHash, first + at);
    this.#told = resultsSize;
  }

  /** The result of a transaction; undefined where none is final here, or no longer at hand. */
  of(hash: Uint8Array): Result | undefined {
    const index = this.#indexes.get(keyOf(hash));
    return index === undefined ? undefined : this.#chain.resultAt(index);
  }

  /** A client's transaction was taken and waits for a block. */
  submitted({ hash, sender, nonce }: SubmittedTx): void {
    this.#awaited.set(keyOf(hash), { sender, nonce });
    this.#bound(this.#awaited);
  }

  /** The sender's nonce in the chain, where it is past that of a transaction that waited: no block can have it. */
  overtakenBy(hash: Uint8Array): number | undefined {
    const awaited = this.#awaited.get(keyOf(hash));
    // A block that the chain has and nobody was told of may be its own.
    if (awaited === undefined || this.#told !== this.#chain.resultsSize) return undefined;
    const last = this.#chain.nonceOf(awaited.sender);
    return last >= awaited.nonce ? last : undefined;
  }

  #add(hash: Uint8Array, index: number): void {
    this.#awaited.delete(keyOf(hash));
    this.#indexes.set(keyOf(hash), index);
    this.#bound(this.#indexes);
  }

  #bound(kept: Map<string, unknown>): void {
    const [oldest] = kept.keys();
    if (kept.size > this.#limit && oldest !== undefined) kept.delete(oldest);
  }
}

/** Half the memory of hex. */
function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("latin1");
}
