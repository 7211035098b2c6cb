import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock, SeededRandom } from "@voltfog/runtime";
import { afterEach, expect, test } from "vitest";
import { decodeBelibFeed } from "../feeds/belib-feed.ts";
import { FeedPoller, type FeedPollerState } from "../feeds/feed-poller.ts";
import { httpFeedFetch } from "./http-feed-fetch.ts";

const rows = [
  {
    ...{ id_pdc: "FR*V75*E9001*01*1", statut_pdc: "Disponible", adresse_station: "4 Quai" },
    ...{ last_updated: "2023-02-09T17:19:00+01:00", coordonneesxy: { lon: 2.34, lat: 48.85 } },
  },
];
let server: Server;

afterEach(() => new Promise((resolve) => server.close(resolve)));

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Rounds against the real server; only the clock between them is by hand. */
function pollerOf(url: string): { poller: FeedPoller; round: () => Promise<FeedPollerState> } {
  const clock = new ManualClock(1e12);
  let ended = (_: FeedPollerState): void => {};
  const poller = new FeedPoller({
    ...{ clock, random: new SeededRandom(1), interval_ms: 0, fetch: httpFeedFetch(url, 5000) },
    decode: (bytes, at_ms) => decodeBelibFeed(bytes, at_ms),
    onRound: (state) => ended(state),
  });
  const round = (): Promise<FeedPollerState> => {
    const end = new Promise<FeedPollerState>((resolve) => {
      ended = resolve;
    });
    poller.start();
    clock.advance((poller.state.next_ms ?? 0) - clock.wall_ms());
    return end;
  };
  return { poller, round };
}

test("a server's answer is read once and then confirmed by its tag", async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    seen.push([request.headers["user-agent"], request.headers["if-none-match"]]);
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304).end();
    return response.writeHead(200, { etag: '"1"' }).end(JSON.stringify(rows));
  });
  const { poller, round } = pollerOf(url);
  expect(await round()).toMatchObject({ failures: 0, code: undefined });
  expect(poller.snapshot).toMatchObject({ at_ms: 1e12, records: [{ status: "available" }] });
  expect(await round()).toMatchObject({ failures: 0, code: undefined });
  expect(seen).toEqual([
    [expect.stringMatching(/^voltfog/), undefined],
    [expect.stringMatching(/^voltfog/), '"1"'],
  ]);
});

test("an endless answer, a redirect, a cut connection and a server that is gone have their codes", async () => {
  const answers: RequestListener[] = [
    (_, response) => {
      const more = (): void => {
        while (response.write("x".repeat(1000)));
        response.once("drain", more);
      };
      more();
    },
    (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    (request) => request.socket.destroy(),
    (_, response) => response.writeHead(503, { "retry-after": "7200" }).end(),
  ];
  const url = await serve((request, response) => answers.shift()?.(request, response));
  const { round } = pollerOf(url);
  expect(await round()).toMatchObject({ code: "FEED_TOO_LARGE", failures: 1 });
  expect(await round()).toMatchObject({ code: "FEED_UNREACHABLE", failures: 2 });
  expect(await round()).toMatchObject({ code: "FEED_UNREACHABLE", failures: 3 });
  expect(await round()).toMatchObject({ code: "FEED_STATUS", detail: "HTTP 503", failures: 4 });
});
