import { assert } from "@voltfog/runtime";
import type { FeedSnapshot } from "./charger-feed.ts";

/** First line of a file of status rows; the columns of the recorded status files. */
export const statusHeader = "snapshot_utc,id_pdc,status,last_updated_utc";

/**
 * A snapshot as lines of CSV (RFC 4180 quoting, each ended by a line feed), to be appended to the history
 * that models learn from. Times are ISO 8601 in UTC to the second; last_updated_utc is empty where the
 * network does not say it. Columns and times are those of the recorded status files.
 */
export function statusRows({ at_ms, records }: FeedSnapshot): string {
  const at = instant(at_ms);
  return records
    .map(({ pointId, status, updated_ms }) => {
      const updated = updated_ms === undefined ? "" : instant(updated_ms);
      return `${at},${quoted(pointId)},${status},${updated}\n`;
    })
    .join("");
}

function instant(time_ms: number): string {
  assert(Number.isFinite(time_ms), "a snapshot has a time");
  return `${new Date(time_ms).toISOString().slice(0, 19)}Z`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
