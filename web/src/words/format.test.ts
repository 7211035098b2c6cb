import { expect, it } from "vitest";
import { exactTime, percent, withUnit, zoneAt } from "./format.ts";

it("writes a minus as wide as a plus, and none before a zero", () => {
  expect(withUnit(-549.83, "A", 1)).toBe("−549.8\u2009A");
  expect(withUnit(-0.04, "A", 1)).toBe("0.0\u2009A");
  expect(percent(0.48)).toBe("48\u2009%");
  expect(withUnit(null, "A")).toBe("–");
});

it("names the zone of every exact time", () => {
  const time_ms = Date.UTC(2026, 4, 3, 14, 5, 6);
  expect(zoneAt(time_ms).length).toBeGreaterThan(1);
  expect(exactTime(time_ms)).toContain("May 2026");
  expect(exactTime(time_ms).endsWith(` ${zoneAt(time_ms)}`)).toBe(true);
});
