import { expect, test } from "vitest";
import { LinkMeasure } from "./link-measure.ts";

interface Trip {
  readonly at_ms: number;
  readonly trip_ms: number;
  readonly offset_ms?: number;
  readonly paused_ms?: number;
}

/** A peer whose clock is ours plus the offset answers half-way. */
function pingPong(link: LinkMeasure, trip: Trip): void {
  const { at_ms, trip_ms, offset_ms = 0, paused_ms = 0 } = trip;
  const { number } = link.ping(at_ms);
  const now_ms = at_ms + trip_ms;
  const wall_ms = 1_000_000 + at_ms + trip_ms / 2 + offset_ms;
  link.heard(now_ms);
  link.answered({ number, now_ms, wall_ms, own_ms: 1_000_000 + now_ms, paused_ms });
}

function connectedLink(): LinkMeasure {
  const link = new LinkMeasure(0);
  link.connected(0);
  return link;
}

test("the clock is read by the shortest ping, so that a queue does not look like a wrong clock", () => {
  const link = connectedLink();
  pingPong(link, { at_ms: 0, trip_ms: 10, offset_ms: 30_000 });
  const { number } = link.ping(500);
  // Four seconds on the way there, none on the way back: half of it would pass for an offset.
  link.answered({ number, now_ms: 4500, wall_ms: 1_034_500, own_ms: 1_004_500, paused_ms: 0 });
  const view = link.view(4500);
  expect(view.clockOffset_ms).toBe(30_000);
  expect(view.lowest_ms).toBe(10);
});

test("the rate is what had waited over the time that waiting added", () => {
  const link = connectedLink();
  pingPong(link, { at_ms: 0, trip_ms: 20 });
  for (let at_ms = 1000; at_ms <= 8000; at_ms += 1000) {
    link.sent(50_000);
    pingPong(link, { at_ms, trip_ms: 520 });
  }
  expect(link.view(9000).drainRate_bytes_per_s).toBeCloseTo(100_000, -3);
});

test("padding is sent now and then, grows with the link and never joins a queue", () => {
  const link = connectedLink();
  const paddings: number[] = [];
  for (let i = 0; i < 64; i++) {
    const { number, padding_bytes } = link.ping(1000 * i);
    paddings.push(padding_bytes);
    const at = { now_ms: 1000 * i + 2, own_ms: 0, wall_ms: 0, paused_ms: 0 };
    link.answered({ number, ...at });
  }
  const sent = paddings.filter((size_bytes) => size_bytes > 0);
  expect(sent.length).toBeLessThanOrEqual(4);
  expect(sent[0]).toBe(1024);
  expect(sent.at(-1)).toBeGreaterThan(1024);
  link.sent(1_000_000);
  for (let i = 0; i < 32; i++) expect(link.ping(100_000).padding_bytes).toBe(0);
});

test("a peer that says it did not run half of the time is seen to", () => {
  const link = connectedLink();
  for (let i = 0; i <= 20; i++) {
    pingPong(link, { at_ms: 1000 * i, trip_ms: 2, paused_ms: 500 * i });
  }
  expect(link.view(20_002).pausedShare).toBeCloseTo(0.5, 1);
});

test("what is older than the window is forgotten, and a lost connection takes its pings along", () => {
  const link = connectedLink();
  pingPong(link, { at_ms: 0, trip_ms: 700 });
  const { number } = link.ping(900);
  link.disconnected();
  link.answered({ number, now_ms: 1000, own_ms: 0, wall_ms: 0, paused_ms: 0 });
  expect(link.view(1000)).toMatchObject({ connected: false, median_ms: 700 });
  expect(link.view(30_000)).toMatchObject({ median_ms: undefined, clockOffset_ms: undefined });
});

test("an unanswered link stays small", () => {
  const link = connectedLink();
  for (let i = 0; i < 10_000; i++) link.ping(i);
  const { number } = link.ping(10_000);
  const late = { now_ms: 10_001, own_ms: 0, wall_ms: 0, paused_ms: 0 };
  link.answered({ number: number - 64, ...late });
  expect(link.view(10_001).lowest_ms).toBeUndefined();
  link.answered({ number: number - 63, ...late });
  expect(link.view(10_001).lowest_ms).toBe(64);
});

test("a ping that waits longer than any answer took counts already", () => {
  const link = connectedLink();
  pingPong(link, { at_ms: 0, trip_ms: 10 });
  for (let at_ms = 500; at_ms <= 2000; at_ms += 500) link.ping(at_ms);
  expect(link.view(2005)).toMatchObject({ lowest_ms: 10, median_ms: 755 });
});
