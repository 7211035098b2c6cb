import { expect, test } from "vitest";
import { BoundedQueue } from "./bounded-queue.ts";

test("a full queue refuses, an emptied one takes again, order is kept", () => {
  const queue = new BoundedQueue<number>({ limit: 3 });
  expect([1, 2, 3, 4].map((item) => queue.offer(item))).toEqual([true, true, true, false]);
  expect(queue.poll()).toBe(1);
  expect(queue.offer(5)).toBe(true);
  expect([queue.poll(), queue.poll(), queue.poll(), queue.poll()]).toEqual([2, 3, 5, undefined]);
});

test("long use keeps order and forgets what was taken", () => {
  const queue = new BoundedQueue<number>({ limit: 10 });
  for (let i = 0; i < 10_000; i++) {
    expect(queue.offer(i)).toBe(true);
    expect(queue.poll()).toBe(i);
  }
  expect(queue.size).toBe(0);
});
