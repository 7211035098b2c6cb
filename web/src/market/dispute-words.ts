import type { DisputesView } from "@voltfog/messages";
import { wholeNumber } from "../words/format.ts";

/** How many disputes wait for the authority, and how many of them are shown. */
export function disputesWords({ open, trades, contracts, sessions }: DisputesView): string {
  const shown = trades.length + contracts.length + sessions.length;
  if (open === 0) return "Nothing waits for the authority.";
  const what = open === 1 ? "1 dispute waits" : `${wholeNumber(open)} disputes wait`;
  const cut = shown < open ? ` ${wholeNumber(shown)} of them are shown here.` : "";
  return `${what} for the authority, which voltfog authority disputes lists too.${cut}`;
}
