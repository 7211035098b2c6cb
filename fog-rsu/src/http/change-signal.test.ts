import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { ChangeSignal } from "./change-signal.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a request waits until what it waits for holds, not for the first change", async () => {
  const signal = new ChangeSignal({ clock: new ManualClock() });
  let value = 0;
  let isOver = false;
  const waiting = signal
    .until(() => value >= 2, 1000)
    .then(() => {
      isOver = true;
    });
  value = 1;
  signal.notify();
  await turn();
  expect(isOver).toBe(false);
  value = 2;
  signal.notify();
  await waiting;
});

test("a request ends when its time is over", async () => {
  const clock = new ManualClock();
  const signal = new ChangeSignal({ clock });
  const waiting = signal.until(() => false, 1000);
  await turn();
  clock.advance(1000);
  await waiting;
});

test("what holds already waits for nothing, and beyond the most waiters nobody waits", async () => {
  const signal = new ChangeSignal({ clock: new ManualClock() });
  await signal.until(() => true, 1000);
  for (let i = 0; i < 512; i++) void signal.until(() => false, 1000);
  await signal.until(() => false, 1000);
});
