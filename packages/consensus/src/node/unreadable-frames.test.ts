import { ManualClock, silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { Transport } from "../transport.ts";
import { UnreadableFrames } from "./unreadable-frames.ts";

function setUp(): { frames: UnreadableFrames; clock: ManualClock; cut: number[] } {
  const clock = new ManualClock();
  const cut: number[] = [];
  const transport = {
    idOf: (peer: number) => `validator-${peer}`,
    cutOff: (peer: number) => cut.push(peer),
  } as unknown as Transport;
  return { frames: new UnreadableFrames({ transport, clock, logger: silentLogger }), clock, cut };
}

const torn = new Uint8Array([3, 1]);

test("who sends what does not read again and again is cut off, the others are not", () => {
  const { frames, cut } = setUp();
  for (let i = 0; i < 7; i++) frames.note(1, torn);
  frames.note(2, torn);
  expect(cut).toEqual([]);
  frames.note(1, torn);
  expect(cut).toEqual([1]);
  expect(frames.total).toBe(9);
});

test("one torn frame now and then is forgiven", () => {
  const { frames, clock, cut } = setUp();
  for (let i = 0; i < 40; i++) {
    frames.note(1, torn);
    clock.advance(10_000);
  }
  expect(cut).toEqual([]);
});

test("a kind of message that only a later version has is counted and passed over", () => {
  const { frames, cut } = setUp();
  for (let i = 0; i < 100; i++) frames.note(1, new Uint8Array([200, 1, 2]));
  expect(cut).toEqual([]);
  expect(frames.total).toBe(100);
});
