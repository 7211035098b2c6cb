import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  diskForecast,
  diskKindOf,
  type FileFact,
  growthOfAll,
  usageByKind,
} from "./disk-forecast.ts";

const day_ms = 86_400_000;
const now_ms = 1_760_000_000_000;
const file = (path: string, size_bytes: number, born_d: number, changed_d: number): FileFact => ({
  path,
  size_bytes,
  born_ms: now_ms - born_d * day_ms,
  changed_ms: now_ms - changed_d * day_ms,
});
const block = (first: number): string => `blocks/blocks-${String(first).padStart(16, "0")}.seg`;

describe("the kind of a file", () => {
  it("follows from where it lies", () => {
    const kinds = [
      [block(1), "blocks"],
      ["blocks/state-0000000000001000.snap", "snapshots"],
      ["blocks/incoming/000001.part", "snapshots"],
      ["votes/votes", "votes"],
      ["log/tile/entries/000.p/6", "tiles"],
      ["log-2/tile/0/x001/000", "tiles"],
      ["log/journal/0000000000000000.seg", "frames"],
      ["telemetry.duckdb", "index"],
      ["telemetry.duckdb.wal", "index"],
      ["unit-1.log", "logs"],
      ["readers.json", "other"],
    ];
    expect(kinds.map(([path]) => [path, diskKindOf(path ?? "")])).toEqual(kinds);
  });
});

describe("growth", () => {
  const growth = (...files: FileFact[]): number | null => growthOfAll(usageByKind(files, now_ms));

  it("is what came in the last week, as far as the files tell", () => {
    expect(growth(file(block(1), 900, 30, 20), file(block(5), 700, 6, 0))).toBe(100);
  });

  it("counts of a file that is older only the part since", () => {
    expect(growth(file(block(1), 1400, 14, 0))).toBe(100);
  });

  it("is measured since the first file where that is less than a week", () => {
    expect(growth(file(block(1), 500, 2, 0))).toBe(250);
  });

  it("is not told from a few minutes, and is nothing for what is written over", () => {
    expect(growth(file(block(1), 500, 0.04, 0))).toBeNull();
    expect(growth(file("votes/votes", 4_000_000, 3, 0))).toBe(0);
    expect(growth()).toBeNull();
  });

  it("is never negative and never more than all that is there came at once", () => {
    const any = fc.record({
      path: fc.constantFrom(block(1), "log/tile/0/1", "telemetry.duckdb", "x"),
      size_bytes: fc.nat(1e12),
      born_ms: fc.nat(now_ms),
      changed_ms: fc.nat(now_ms),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (files) => {
        const all_bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
        const value = growthOfAll(usageByKind(files, now_ms)) ?? 0;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(all_bytes * 24 + 8);
        const sizes = usageByKind(files, now_ms).map(({ size_bytes }) => size_bytes);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(all_bytes);
      }),
    );
  });
});

describe("the forecast", () => {
  const limits = { free_bytes: 1000, left_d: 14 };
  const of = (free_bytes: number, growthPerDay_bytes: number | null) =>
    diskForecast({ free_bytes, growthPerDay_bytes, limits, now_ms });

  it("says in how many days the disk is full, and on which", () => {
    expect(of(30_000, 1000)).toEqual({
      free_bytes: 30_000,
      growthPerDay_bytes: 1000,
      left_d: 30,
      full_ms: now_ms + 30 * day_ms,
      warning: null,
    });
  });

  it("says nothing of days where nothing grows or that is not known", () => {
    expect(of(30_000, 0)).toMatchObject({ left_d: null, full_ms: null, warning: null });
    expect(of(30_000, null)).toMatchObject({ left_d: null, full_ms: null, warning: null });
  });

  it("warns before the days or the bytes are over", () => {
    expect(of(13_999, 1000).warning).toBe("few-days");
    expect(of(14_000, 1000).warning).toBeNull();
    expect(of(999, 0).warning).toBe("few-bytes");
    expect(of(999, 1000).warning).toBe("few-bytes");
  });
});
