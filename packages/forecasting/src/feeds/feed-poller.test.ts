import { CodedError, ManualClock, SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FeedDecoder } from "./charger-feed.ts";
import {
  type FeedAnswer,
  type FeedFetch,
  FeedPoller,
  type FeedPollerState,
} from "./feed-poller.ts";

const minute_ms = 60_000;
const start_ms = Date.UTC(2026, 0, 1);
const decode: FeedDecoder = (bytes, at_ms) =>
  bytes.length === 0
    ? { ok: false, problem: { code: "FEED_EMPTY", detail: "nothing" } }
    : { ok: true, value: { at_ms, records: [], refusedRows: 0, unknownStatuses: 0, totalRows: 1 } };

type Sent = Parameters<FeedFetch>[0];

function answer(status: number, fields: Record<string, string> = {}, length = 1): FeedAnswer {
  return { status, headers: new Map(Object.entries(fields)), body: new Uint8Array(length) };
}

/** A poller whose port answers in turn; a round ends where the promise of `round` does. */
class Bench {
  readonly clock = new ManualClock(start_ms);
  readonly sent: Sent[] = [];
  readonly poller: FeedPoller;
  readonly #answers: (() => unknown)[];
  #ended: (state: FeedPollerState) => void = () => {};

  constructor(answers: (() => unknown)[], o: { interval_ms?: number; decode?: FeedDecoder } = {}) {
    this.#answers = answers;
    this.poller = new FeedPoller({
      ...{ clock: this.clock, random: new SeededRandom(1), interval_ms: 0, decode, ...o },
      fetch: (request) => {
        this.sent.push(request);
        return this.#answers.shift()?.() as Promise<FeedAnswer>;
      },
      onRound: (state) => this.#ended(state),
    });
  }

  round(): Promise<FeedPollerState> {
    const ended = new Promise<FeedPollerState>((resolve) => {
      this.#ended = resolve;
    });
    this.poller.start();
    this.clock.advance(this.rest_ms);
    return ended;
  }

  get rest_ms(): number {
    return (this.poller.state.next_ms ?? Number.NaN) - this.clock.wall_ms();
  }
}

const good = (): FeedAnswer => answer(200);
const down = (): never => {
  throw new Error("no route");
};

test("rounds are a minute and up to a tenth apart, and carry a name", async () => {
  const bench = new Bench([good, good, good]);
  for (let i = 0; i < 3; i++) {
    expect(await bench.round()).toMatchObject({ failures: 0, lastGood_ms: bench.clock.wall_ms() });
    expect(bench.rest_ms).toBeGreaterThanOrEqual(minute_ms);
    expect(bench.rest_ms).toBeLessThanOrEqual(1.1 * minute_ms + 1);
  }
  expect(bench.sent[0]?.headers).toMatchObject({ "user-agent": expect.stringMatching("voltfog") });
});

test("asks with the validators of the last good answer, and 304 keeps the snapshot", async () => {
  const fields = { etag: '"a"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" };
  const bench = new Bench([() => answer(200, fields), () => answer(304)]);
  await bench.round();
  const { snapshot } = bench.poller;
  expect(await bench.round()).toMatchObject({ failures: 0, lastGood_ms: bench.clock.wall_ms() });
  expect(bench.sent[1]?.headers).toMatchObject({
    "if-none-match": '"a"',
    "if-modified-since": fields["last-modified"],
  });
  expect(bench.poller.snapshot).toBe(snapshot);
});

test("an answer that cannot be read leaves validators and snapshot as they were", async () => {
  const bench = new Bench([good, () => answer(200, { etag: '"b"' }, 0), good]);
  await bench.round();
  const { snapshot } = bench.poller;
  expect(await bench.round()).toMatchObject({ code: "FEED_EMPTY", failures: 1 });
  expect(bench.poller.snapshot).toBe(snapshot);
  expect(await bench.round()).toMatchObject({ code: undefined, failures: 0 });
  expect(bench.sent[2]?.headers).not.toHaveProperty("if-none-match");
});

test("failures double the interval up to an hour, and a good answer ends that", async () => {
  const bench = new Bench([...Array.from({ length: 8 }, () => down), good]);
  const rests_min: number[] = [];
  for (let i = 0; i < 8; i++) {
    expect(await bench.round()).toMatchObject({ code: "FEED_UNREACHABLE", failures: i + 1 });
    rests_min.push(Math.floor(bench.rest_ms / minute_ms / 1.1));
  }
  expect(rests_min.map((rest_min, i) => rest_min <= Math.min(60, 2 ** (i + 1)))).not.toContain(
    false,
  );
  expect(rests_min.at(-1)).toBeGreaterThanOrEqual(54);
  await bench.round();
  expect(bench.rest_ms).toBeLessThan(2 * minute_ms);
});

test.each([
  ["seconds", 503, "600", 10],
  ["a date", 429, new Date(start_ms + 20 * minute_ms).toUTCString(), 20],
  ["a good answer", 200, "600", 10],
  ["a year: a day at most", 503, "31536000", 1440],
])("rests as Retry-After says: %s", async (_, status, field, rest_min) => {
  const bench = new Bench([() => answer(status, { "retry-after": field })]);
  await bench.round();
  expect(bench.rest_ms).toBe(rest_min * minute_ms);
});

test("one request at a time: the next waits for the last, which ends after 30 s", async () => {
  const bench = new Bench([() => new Promise(() => {}), good]);
  const round = bench.round();
  bench.clock.advance(29_999);
  expect(bench.sent).toHaveLength(1);
  bench.clock.advance(1);
  expect(await round).toMatchObject({ code: "FEED_TIMEOUT", failures: 1 });
  expect(bench.sent[0]?.signal.aborted).toBe(true);
  expect(await bench.round()).toMatchObject({ failures: 0 });
});

test("a stopped poller gives its request up and asks no more", () => {
  const bench = new Bench([() => new Promise(() => {}), good]);
  void bench.round();
  bench.poller.stop();
  bench.clock.advance(1e9);
  expect(bench.sent).toHaveLength(1);
  expect(bench.sent[0]?.signal.aborted).toBe(true);
  expect(bench.poller.state.next_ms).toBeUndefined();
});

test.each([
  ["HTTP 500", () => answer(500), "FEED_STATUS"],
  ["304 to a question without validators", () => answer(304), "FEED_STATUS"],
  [
    "an answer that is too large",
    () => Promise.reject(new CodedError({ code: "FEED_TOO_LARGE", message: "more" })),
    "FEED_TOO_LARGE",
  ],
])("%s is a failure with its code", async (_, port, code) => {
  expect(await new Bench([port]).round()).toMatchObject({ code, failures: 1 });
});

test("nothing that a port or decoder throws or gives stops the poller", async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.nat(2), async (value, how) => {
      const ports = [
        () => {
          throw value;
        },
        () => Promise.reject(value),
        () => answer(200),
      ];
      const throwing: FeedDecoder = () => {
        throw value;
      };
      const bench = new Bench([ports[how] ?? down], { decode: throwing });
      expect(await bench.round()).toMatchObject({ code: "FEED_UNREACHABLE", failures: 1 });
      expect(bench.rest_ms).toBeGreaterThan(0);
    }),
  );
});
