import type { DisputesView, MarketTradeView } from "@voltfog/messages";
import { expect, it } from "vitest";
import { disputesWords } from "./dispute-words.ts";

function disputes(open: number, shown: number): DisputesView {
  const trades = Array.from({ length: shown }, (_, index) => ({ index }) as MarketTradeView);
  return { open, next: null, trades, contracts: [], sessions: [] };
}

it.each([
  [0, 0, /^Nothing waits for the authority\.$/],
  [1, 1, /^1 dispute waits for the authority, .* lists too\.$/],
  [2, 2, /^2 disputes wait for the authority, .* lists too\.$/],
  [1200, 50, /^1\u2009200 disputes wait .* 50 of them are shown here\.$/],
])("%d open and %d shown are said so", (open, shown, words) => {
  expect(disputesWords(disputes(open, shown))).toMatch(words);
});
