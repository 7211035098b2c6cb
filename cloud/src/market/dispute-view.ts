import type { DisputesView } from "@voltfog/messages";
import type { Row, SubjectKind } from "./market-book.ts";
import type { MarketReading } from "./market-reading.ts";
import { contractDetailView } from "./pile-view.ts";
import { sessionView } from "./session-view.ts";
import { oneTradeView } from "./v2v-view.ts";

const kinds = ["trade", "contract", "session"] as const satisfies readonly SubjectKind[];

/** What waits for the authority's decision, newest first over all kinds. Costs a pass over all of them. */
export function disputesView(
  reading: MarketReading,
  { before, limit }: { before: number; limit: number },
): DisputesView {
  const { book } = reading;
  const all = kinds
    .flatMap((kind) => book.newest(kind, { before, where: isDisputed, limit: Infinity }))
    .sort((a, b) => b.index - a.index);
  const last = all[limit - 1];
  // One order can make several contracts, which share an index: a page has all of them or none.
  const page = last === undefined ? all : all.filter(({ index }) => index >= last.index);
  const ids = (kind: Row["kind"]): readonly string[] =>
    page.filter((row) => row.kind === kind).map(({ id }) => id);
  return {
    open: kinds.reduce((sum, kind) => sum + book.count(kind, "disputed"), 0),
    next: page.length < all.length ? (page.at(-1)?.index ?? null) : null,
    trades: ids("trade").flatMap((id) => oneTradeView(reading, id) ?? []),
    contracts: ids("contract").flatMap((id) => contractDetailView(reading, id) ?? []),
    sessions: ids("session").flatMap((id) => sessionView(reading, id) ?? []),
  };
}

function isDisputed({ status }: Row): boolean {
  return status === "disputed";
}
