import fc from "fast-check";
import { expect, test } from "vitest";
import { type Work, WorkQueue } from "./work-queue.ts";

const note: Work = { type: "input", input: { type: "transactions-waiting", now_ms: 0 } };
const blocksOf = (from: number): Work => ({ type: "blocks", from, blocks: [] });
const peerOf = (work: Work | undefined): number => (work?.type === "blocks" ? work.from : -1);

test("a peer that floods loses its own messages, the others' are taken", () => {
  const queue = new WorkQueue();
  for (let i = 0; i < 5000; i++) queue.offer(blocksOf(1), { peer: 1, size_bytes: 100 });
  queue.offer(blocksOf(2), { peer: 2, size_bytes: 100 });
  queue.offer(note);
  expect(queue.dropped).toBe(5000 - 1024);
  const peers = Array.from({ length: 1026 }, () => peerOf(queue.next()));
  expect(peers.filter((peer) => peer === 1)).toHaveLength(1024);
  expect(peers.slice(-2)).toEqual([2, -1]);
  expect(queue.isEmpty).toBe(true);
});

test("large messages of one peer wait up to 16 MiB, one always may", () => {
  const queue = new WorkQueue();
  const size_bytes = 6_000_000;
  for (let i = 0; i < 10; i++) queue.offer(blocksOf(1), { peer: 1, size_bytes });
  expect(queue.dropped).toBe(8);
  queue.next();
  queue.offer(blocksOf(1), { peer: 1, size_bytes });
  expect(queue.dropped).toBe(8);
  queue.offer(blocksOf(2), { peer: 2, size_bytes: 30_000_000 });
  expect(queue.dropped).toBe(8);
});

test("however many peers flood, what waits has an end, and room comes back with each that is taken", () => {
  const action = fc.record({
    peer: fc.nat(40),
    size_bytes: fc.integer({ min: 1, max: 3_000_000 }),
    takes: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new WorkQueue();
      const waiting = new Map<number, number[]>();
      const takeOne = (): void => void waiting.get(peerOf(queue.next()))?.shift();
      for (const { peer, size_bytes, takes } of actions) {
        const before = queue.dropped;
        queue.offer(blocksOf(peer), { peer, size_bytes });
        const isTaken = queue.dropped === before;
        if (isTaken) waiting.set(peer, [...(waiting.get(peer) ?? []), size_bytes]);
        for (let i = 0; i < takes; i++) takeOne();
        expect(largestShare_bytes(waiting)).toBeLessThanOrEqual(16_777_216);
      }
      while (!queue.isEmpty) takeOne();
      expect(largestShare_bytes(waiting)).toBe(0);
    }),
  );
});

function largestShare_bytes(waiting: ReadonlyMap<number, readonly number[]>): number {
  const shares = [...waiting.values()].map((sizes) => sizes.reduce((sum, one) => sum + one, 0));
  return Math.max(0, ...shares);
}
