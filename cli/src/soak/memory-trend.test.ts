import { describe, expect, it } from "vitest";
import { type MemoryLook, memoryTrends } from "./memory-trend.ts";

const for_ms = 3_600_000;

/** One look a minute of an hour. */
function looks(of: Partial<MemoryLook>, size_MB: (minute: number) => number): MemoryLook[] {
  return Array.from({ length: 60 }, (_, minute) => ({
    at_ms: minute * 60_000,
    id: "cloud",
    pid: 1,
    resident_MB: size_MB(minute),
    ...of,
  }));
}

describe("the trend of a process's memory", () => {
  it("is flat when the process grows while it warms up and not after", () => {
    const [trend] = memoryTrends({ looks: looks({}, (t) => Math.min(100, 50 + 5 * t)), for_ms });
    expect(trend).toMatchObject({ middle_MB: 100, last_MB: 100, growth: 0, slopePerHour_MB: 0 });
  });

  it("shows a leak as growth between the thirds and as a slope", () => {
    const [trend] = memoryTrends({ looks: looks({}, (minute) => 100 + minute), for_ms });
    expect(trend?.slopePerHour_MB).toBeCloseTo(60, 6);
    expect(trend?.growth).toBeCloseTo(20 / 129.5, 6);
  });

  it("leaves out a process that was started again after the warm-up", () => {
    const all = looks({}, () => 100).map((look, i) => (i < 30 ? look : { ...look, pid: 2 }));
    expect(memoryTrends({ looks: all, for_ms })).toEqual([]);
    const early = looks({}, () => 100).map((look, i) => (i < 10 ? look : { ...look, pid: 2 }));
    expect(memoryTrends({ looks: early, for_ms })).toHaveLength(1);
  });

  it("looks at each process for itself", () => {
    const both = [...looks({}, () => 100), ...looks({ id: "fleet", pid: 9 }, (t) => 50 + t)];
    const growths = memoryTrends({ looks: both, for_ms }).map(({ id, growth }) => [id, growth > 0]);
    expect(growths).toEqual([
      ["cloud", false],
      ["fleet", true],
    ]);
  });
});
