import { CodedError } from "@voltfog/runtime";
import type { FeedFetch } from "../feeds/feed-poller.ts";
import { feedMax_bytes } from "../feeds/feed-rows.ts";

/**
 * Asks one address by GET. Never follows a redirect, sends no cookie, and reads at most what a decoder
 * takes: FEED_TOO_LARGE.
 */
export function httpFeedFetch(url: string, bodyMax_bytes: number = feedMax_bytes): FeedFetch {
  return async ({ headers, signal }) => {
    const answer = await fetch(url, { headers, signal, redirect: "error", credentials: "omit" });
    const parts: Uint8Array[] = [];
    let length_bytes = 0;
    for await (const part of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      length_bytes += part.length;
      if (length_bytes > bodyMax_bytes) {
        const message = `an answer has more than ${bodyMax_bytes} bytes`;
        throw new CodedError({ code: "FEED_TOO_LARGE", message });
      }
      parts.push(part);
    }
    const body = new Uint8Array(Buffer.concat(parts));
    return { status: answer.status, headers: new Map(answer.headers.entries()), body };
  };
}
