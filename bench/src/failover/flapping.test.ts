import { expect, test } from "vitest";
import { simulateFlapping } from "./flapping.ts";

test("noise of ten per cent moves nobody, and a lasting change moves those whom it concerns once", () => {
  const run = simulateFlapping(1, 300);
  expect(run.movesPerHour).toBe(0);
  expect(run.worthMoving).toBeGreaterThan(0);
  expect(run.movesAfterChange).toBeGreaterThanOrEqual(run.worthMoving - 1);
  expect(run.movesPerHourAfter).toBe(0);
});
