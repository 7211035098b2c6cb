import { expect, test } from "vitest";
import type { HealthDay } from "../api/health-shapes.ts";
import {
  dayOf,
  everyDay_ms,
  linesByVersion,
  missingStretches,
  newestDays,
  startOf,
  versionsOf,
} from "./health-series.ts";

function told(day: string, version: string, soh: number): HealthDay {
  const interval = { value: soh, low: soh - 0.01, high: soh + 0.01 };
  return { day, version, soh: interval } as HealthDay;
}

const days = [
  told("2026-01-01", "2", 0.9),
  told("2026-01-02", "2", 0.89),
  told("2026-01-05", "10", 0.88),
  told("2026-01-02", "10", 0.895),
];

test("versions are in the order of their numbers, and the newest tells the days", () => {
  expect(versionsOf(days)).toEqual(["2", "10"]);
  expect(newestDays(days).map(({ day }) => day)).toEqual(["2026-01-05", "2026-01-02"]);
});

test("every day has a place, so that a line breaks where a day has no figure", () => {
  const times_ms = everyDay_ms(days);
  expect(times_ms.map(dayOf)).toEqual([
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-01-04",
    "2026-01-05",
  ]);
  const lines = linesByVersion(days, { times_ms, pick: ({ soh }) => soh });
  expect(lines.map(({ label, value }) => [label, value])).toEqual([
    ["version 2", [0.9, 0.89, null, null, null]],
    ["version 10", [null, 0.895, null, null, 0.88]],
  ]);
  expect(lines[1]?.low[1]).toBeCloseTo(0.885);
});

test("days that no version tells are one stretch", () => {
  expect(missingStretches(days)).toEqual([
    { from_ms: startOf("2026-01-03"), to_ms: startOf("2026-01-05"), days: 2 },
  ]);
  expect([missingStretches([]), everyDay_ms([])]).toEqual([[], []]);
});
