import { type Chain, decodeResult, moduleNumber } from "@voltfog/ledger";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { ChainReader } from "../store/chain-reader.ts";
import { readSettlement } from "./read-settlement.ts";
import type { PlacedNews, SettlementBook } from "./settlement-book.ts";

const indexesAtOnce = 2000;
const idle_ms = 200;

/**
 * Brings what final results settled into the book, in the order of the chain and out of the store, so that
 * the book is the same however often the process was killed.
 */
export class SettlementFollower {
  readonly #store: Pick<ChainReader, "okResults" | "resultsEnd">;
  readonly #chain: () => Chain | undefined;
  readonly #book: SettlementBook;
  #next: number | undefined;
  #height = -1;

  constructor(options: {
    store: Pick<ChainReader, "okResults" | "resultsEnd">;
    chain: () => Chain | undefined;
    book: SettlementBook;
  }) {
    this.#store = options.store;
    this.#chain = options.chain;
    this.#book = options.book;
  }

  /** Of the newest block that is in the book; −1 before the store was read once. */
  get height(): number {
    return this.#height;
  }

  /** Results below it are in the book; undefined before the store was read once. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Folds one page. Throws the store's codes. */
  async step(): Promise<StepVerdict> {
    const chain = this.#chain();
    if (chain === undefined || chain.height === this.#height) return { pause_ms: idle_ms };
    const from = this.#next ?? (await this.#book.next());
    const end = await this.#store.resultsEnd();
    const to = Math.min(end.index, from + indexesAtOnce);
    const page = await this.#store.okResults({ fromModule: moduleNumber.accounts, from, to });
    const found: PlacedNews[] = [];
    for (const { bytes, index, time_ms } of page) {
      const result = decodeResult(bytes);
      if (!result.ok) throw new Error(`stored result ${index}: ${result.problem.detail}`);
      const news = readSettlement(result.value, { index, time_ms }, chain.state);
      if (news !== undefined) found.push({ index, news });
    }
    if (found.length > 0 || to - from === indexesAtOnce) await this.#book.fold(found, to);
    this.#next = to;
    if (to < end.index) return again;
    this.#height = end.height;
    return { pause_ms: this.#height < chain.height ? 0 : idle_ms };
  }
}
