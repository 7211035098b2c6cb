import type { Transport } from "@voltfog/consensus/node";
import { ManualClock, SeededRandom } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { DelayedTransport } from "./delayed-transport.ts";

interface Sent {
  readonly to: number;
  readonly first: number;
  readonly at_ms: number;
}

function recording(): { clock: ManualClock; sent: Sent[]; inner: Transport } {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const inner: Transport = {
    start: async () => 0,
    send(to, bytes) {
      sent.push({ to, first: bytes[0] ?? -1, at_ms: clock.monotonic_ms() });
      return true;
    },
    isConnected: (peer) => peer !== 9,
    peers: [1, 2],
    numberOf: () => undefined,
    idOf: () => undefined,
    review() {},
    cutOff() {},
    stop: async () => {},
  };
  return { clock, sent, inner };
}

it("holds every message back for about the link's delay, keeps their order, and counts what went", () => {
  const { clock, sent, inner } = recording();
  const link = { mean_ms: 5, jitter_ms: 2 };
  const random = new SeededRandom(1);
  const transport = new DelayedTransport({ inner, link, clock, random });
  for (let i = 0; i < 20; i++) transport.send(1, Uint8Array.of(i));
  transport.send(2, Uint8Array.of(0));
  expect(transport.send(9, Uint8Array.of(0))).toBe(false);
  expect(sent).toEqual([]);
  for (let i = 0; i < 100; i++) clock.advance(0.1);
  const toFirst = sent.filter(({ to }) => to === 1);
  expect(toFirst.map(({ first }) => first)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(sent.every(({ at_ms }) => at_ms >= 3 && at_ms <= 7.2)).toBe(true);
  expect(transport.messages).toBe(21);
  expect(transport.sent_bytes).toBe(21 * 5);
});

it("holds a message with a lost segment until it is sent again, and all behind it", () => {
  const { clock, sent, inner } = recording();
  const random = { uniform: () => draws.shift() ?? 0.5, bytes: () => new Uint8Array() };
  // Two for each message: its jitter, and whether one of its segments is lost.
  const draws = [0.5, 0.5, 0.5, 0.995, 0.5, 0.5];
  const link = { mean_ms: 5, jitter_ms: 0, loss: 0.01 };
  const transport = new DelayedTransport({ inner, link, clock, random });
  for (let i = 0; i < 3; i++) transport.send(1, Uint8Array.of(i));
  for (let i = 0; i < 300; i++) clock.advance(1);
  expect(sent.map(({ at_ms }) => at_ms)).toEqual([5, 205, 205]);
});

it("a long message is lost more often than a short one", () => {
  const { clock, sent, inner } = recording();
  const random = { uniform: () => 0.98, bytes: () => new Uint8Array() };
  const link = { mean_ms: 0, jitter_ms: 0, loss: 0.01 };
  const transport = new DelayedTransport({ inner, link, clock, random });
  transport.send(1, new Uint8Array(1400));
  transport.send(2, new Uint8Array(4000));
  for (let i = 0; i < 300; i++) clock.advance(1);
  expect(sent.map(({ to, at_ms }) => [to, at_ms])).toEqual([
    [1, 0],
    [2, 200],
  ]);
});
