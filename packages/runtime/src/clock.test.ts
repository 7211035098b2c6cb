import { expect, test } from "vitest";
import { ManualClock } from "./clock.ts";

test("tasks run in order of their time, at their time, and cancelled ones not at all", () => {
  const clock = new ManualClock(1000);
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name}@${clock.wall_ms()}`);
  clock.after(20, note("late"));
  clock.after(10, note("first"));
  clock.after(10, note("second"));
  const cancel = clock.after(15, note("never"));
  cancel();
  clock.after(5, () => clock.after(1, note("nested")));
  clock.advance(20);
  expect(seen).toEqual(["nested@1006", "first@1010", "second@1010", "late@1020"]);
  expect(clock.monotonic_ms()).toBe(1020);
});
