import { moduleNumber, type Result } from "@voltfog/ledger";
import { accountNews } from "./account-news.ts";
import { beanNews } from "./bean-news.ts";
import { type NewsReader, noNews, type ResultNews } from "./market-book.ts";
import { pileNews } from "./pile-news.ts";
import { sessionNews } from "./session-news.ts";
import { unionNews } from "./union-news.ts";
import { v2vNews } from "./v2v-news.ts";

const readers: ReadonlyMap<number, NewsReader> = new Map<number, NewsReader>([
  [moduleNumber.accounts, accountNews],
  [moduleNumber.union, unionNews],
  [moduleNumber.sessions, sessionNews],
  [moduleNumber.beans, beanNews],
  [moduleNumber.piles, pileNews],
  [moduleNumber.v2v, v2vNews],
]);

/** What an OK result of the market says. */
export function newsOf(result: Result): ResultNews {
  return readers.get(result.module)?.(result) ?? noNews;
}
