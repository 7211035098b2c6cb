import { expect, it } from "vitest";
import { MessageCount } from "./message-count.ts";

/** First bytes of a peer message: a vote of version 2, and its type. */
function vote(type: number, seal: number): Uint8Array {
  return Uint8Array.of(1, 2, type, ...new Array<number>(80).fill(seal));
}

it("counts by kind, and what one peer is told twice apart", () => {
  const count = new MessageCount();
  for (const to of [1, 2, 3]) count.sent(to, vote(2, 7));
  count.sent(2, vote(2, 7));
  count.sent(2, vote(3, 7));
  count.sent(1, vote(1, 7));
  for (let i = 0; i < 2; i++) count.sent(1, Uint8Array.of(2, 0, 0, 0, 0));
  count.sent(1, Uint8Array.of(5));
  count.sent(1, Uint8Array.of(99));
  expect(count.all).toEqual([
    { kind: "prepare", first: 3, again: 1 },
    { kind: "commit", first: 1, again: 0 },
    { kind: "proposal", first: 1, again: 0 },
    { kind: "transactions", first: 2, again: 0 },
    { kind: "blocks", first: 1, again: 0 },
    { kind: "other", first: 1, again: 0 },
  ]);
});

it("forgets what was said long ago, so that its memory stays small", () => {
  const count = new MessageCount();
  count.sent(1, vote(2, 0));
  for (let i = 0; i < 512; i++) {
    const other = vote(3, 0);
    other.set([i >> 8, i & 255], 81);
    count.sent(1, other);
  }
  count.sent(1, vote(2, 0));
  expect(count.all[0]).toEqual({ kind: "prepare", first: 2, again: 0 });
});
