import { expect, test } from "vitest";
import { SyntheticFleet, samplesPerFrame } from "./synthetic-fleet.ts";

const fleet = (): SyntheticFleet =>
  new SyntheticFleet({ vehicles: 3, seed: 1, start_ms: 1_000_000 });

test("batches continue one log, and each vehicle's samples follow each other second by second", () => {
  const made = fleet();
  const batches = [made.next(), made.next()];
  expect(batches[1]?.from).toBe(batches[0]?.rows.length);
  const last = new Map<string, { sequence: number; end_ms: number }>();
  for (const { rows, samples } of batches) {
    for (const { vehicleId, sequence, sampleFrom, sampleTo } of rows) {
      expect(sampleTo - sampleFrom).toBe(samplesPerFrame);
      const before = last.get(vehicleId) ?? { sequence: 0, end_ms: 999_000 };
      expect(sequence).toBe(before.sequence + 1);
      expect(samples.wall_ms[sampleFrom]).toBe(before.end_ms + 1000);
      last.set(vehicleId, { sequence, end_ms: samples.wall_ms[sampleTo - 1] ?? 0 });
    }
  }
  expect([...last.keys()].sort()).toEqual([...made.vehicleIds].sort());
});

test("a seed gives the same fleet again, and no two signed frames are alike", () => {
  const [first, second] = [fleet().next(), fleet().next()];
  expect(first).toEqual(second);
  const frames = new Set(first.rows.map(({ frame }) => Buffer.from(frame ?? []).toString("hex")));
  expect(frames.size).toBe(first.rows.length);
});
