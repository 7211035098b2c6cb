import { type Clock, ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { startTicker } from "./ticker.ts";

test("ticks come at their times without drift and end with the stop", () => {
  const clock = new ManualClock(0);
  const times: number[] = [];
  const onTick = (): void => {
    times.push(clock.monotonic_ms());
  };
  const stop = startTicker({ clock, period_ms: 100, offset_ms: 30, onTick });
  clock.advance(350);
  stop();
  clock.advance(1000);
  expect(times).toEqual([30, 130, 230, 330]);
});

test("a tick that comes late is not made up for, and the next keeps to the grid", () => {
  const manual = new ManualClock(0);
  // The machine stalls before the second tick.
  let stall_ms = 0;
  const clock: Clock = {
    wall_ms: () => manual.wall_ms(),
    monotonic_ms: () => manual.monotonic_ms() + stall_ms,
    after: (delay_ms, task) => manual.after(delay_ms, task),
  };
  const times: number[] = [];
  const onTick = (): void => {
    times.push(clock.monotonic_ms());
    if (times.length === 1) stall_ms = 250;
  };
  startTicker({ clock, period_ms: 100, offset_ms: 0, onTick });
  manual.advance(300);
  expect(times).toEqual([0, 350, 400, 500]);
});
