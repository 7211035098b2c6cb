import type { MarketSessionView, MarketTradeView, PileContractDetailView } from "./market-views.ts";

/** What waits for the authority's decision, newest first in each list. */
export interface DisputesView {
  /** How many there are, on this page or not. */
  readonly open: number;
  /** What `before` takes for the next page; null on the last. */
  readonly next: number | null;
  readonly trades: readonly MarketTradeView[];
  readonly contracts: readonly PileContractDetailView[];
  readonly sessions: readonly MarketSessionView[];
}
