import type { LogEntry } from "@voltfog/ledger";
import type { OpenedFrame } from "@voltfog/messages";
import type { MissingLink } from "../store/telemetry-store.ts";

/**
 * What an entry comes after that its unit did not know; null where it did. A refused entry that is
 * unlinked is part of no chain and comes after nothing.
 */
export function missingLink(entry: LogEntry, frame: OpenedFrame | undefined): MissingLink | null {
  if (entry.kind === "log-opened" || entry.kind === "refused" || !entry.unlinked) return null;
  const declares = entry.kind === "gap" && entry.firstMissing > 0;
  const begins = declares ? entry.firstMissing : entry.sequence;
  return { previous: frame?.header.previous, follows: begins - 1 };
}
