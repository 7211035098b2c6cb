import type { MalformedProblem, Outcome } from "@voltfog/runtime";
import type { EntryPage } from "../intake/entry-page.ts";

/** What a reader wants next. */
export interface PageAsk {
  /** Which of the unit's logs. */
  readonly log: number;
  readonly from: number;
  readonly limit: number;
  /** How long to wait for something new. */
  readonly wait_ms: number;
  readonly signal: AbortSignal;
}

/**
 * The way from one unit to the cloud. It only carries: entries prove themselves by the unit's signed
 * checkpoint, and where to go on is the store's to say, so a link may repeat, and after a fault give any
 * stretch again. Throws UNREACHABLE.
 */
export interface UnitLink {
  /** Entries from exactly `from` on; undefined where the link knows of none yet. */
  entries(ask: PageAsk): Promise<Outcome<EntryPage, MalformedProblem> | undefined>;
  /** Items of the unit's event feed from the cursor on; empty where there are none yet. */
  events(ask: PageAsk): Promise<readonly unknown[]>;
  /** The unit's logs; empty where the link cannot tell. */
  logs(signal: AbortSignal): Promise<readonly { readonly number: number; readonly size: number }[]>;
}
