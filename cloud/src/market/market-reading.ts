import type { Chain, StateTree } from "@voltfog/ledger";
import type { Crypto } from "@voltfog/runtime";
import type { MarketBook } from "./market-book.ts";

/** What views are made of: the state for what things are, the book for which there are. */
export interface MarketReading {
  readonly state: StateTree;
  readonly chain: Chain;
  readonly book: MarketBook;
  readonly crypto: Crypto;
}

export interface MarketSettings {
  readonly currency: string;
  /** Whether deposits without a payment are credited. */
  readonly simulatesDeposits: boolean;
  /** Whether the desk has a key: then it opens accounts and hands on transactions. */
  readonly isOpen: boolean;
}
