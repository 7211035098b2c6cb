import type { ChargerFeed } from "../api/shapes.ts";

/** The network's present on this page: it goes on from when the answer came. */
export function networkNow_ms(
  feed: ChargerFeed,
  clock: { readonly now_ms: number; readonly received_ms: number },
): number {
  return feed.now_ms + Math.max(0, clock.now_ms - clock.received_ms);
}

/** What must be known before any figure of this feed is trusted; undefined where there is nothing. */
export function feedWarning(feed: ChargerFeed): string | undefined {
  if (feed.isSuspect)
    return feed.note ?? "The feed cannot be right; treat what it says of free plugs as unknown.";
  if (feed.isStale)
    return feed.note ?? "The feed is old; a plug that it calls free may be taken by now.";
  return feed.note ?? undefined;
}

/** The day and time of the records that a replay shows, in UTC, for the network is not where the reader is. */
export function replayTime(now_ms: number): string {
  return new Date(now_ms).toLocaleString("en-GB", {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  });
}
