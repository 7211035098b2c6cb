import { type Chain, decodeResult, moduleNumber } from "@voltfog/ledger";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { ChainReader } from "../store/chain-reader.ts";
import type { MarketBook } from "./market-book.ts";
import { newsOf } from "./result-news.ts";

const indexesAtOnce = 5000;
const idle_ms = 100;

/**
 * Folds the market's final results into the book, always out of the store: at a start all of them, then
 * those of each new block. So a book is the same however often the process was killed.
 */
export class MarketFollower {
  readonly #store: Pick<ChainReader, "okResults" | "resultsEnd">;
  readonly #chain: () => Chain | undefined;
  readonly #book: MarketBook;
  /** Results below it are folded. */
  #next = 0;
  #height = -1;

  constructor(options: {
    store: Pick<ChainReader, "okResults" | "resultsEnd">;
    chain: () => Chain | undefined;
    book: MarketBook;
  }) {
    this.#store = options.store;
    this.#chain = options.chain;
    this.#book = options.book;
  }

  /** Of the newest block whose results are all folded; −1 before the store was read once. */
  get height(): number {
    return this.#height;
  }

  /** Folds one page. Throws the store's codes. */
  async step(): Promise<StepVerdict> {
    const chain = this.#chain();
    if (chain === undefined || chain.height === this.#height) return { pause_ms: idle_ms };
    const end = await this.#store.resultsEnd();
    const to = Math.min(end.index, this.#next + indexesAtOnce);
    const query = { fromModule: moduleNumber.accounts, from: this.#next, to };
    const page = await this.#store.okResults(query);
    for (const { bytes, index, time_ms } of page) {
      const result = decodeResult(bytes);
      if (!result.ok) throw new Error(`stored result ${index}: ${result.problem.detail}`);
      this.#book.fold({ result: result.value, index, time_ms }, newsOf(result.value));
    }
    this.#next = to;
    if (to < end.index) return again;
    this.#height = end.height;
    return this.#height < chain.height ? { pause_ms: idle_ms } : again;
  }
}
