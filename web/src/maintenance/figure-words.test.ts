import { expect, test } from "vitest";
import {
  daysUntil,
  dayWords,
  euros,
  originWords,
  percentInterval,
  points,
  span,
  waitingCost_EUR,
} from "./figure-words.ts";

const now_ms = Date.parse("2026-11-21T15:00:00Z");

test("a share is told with the ends of its interval", () => {
  expect(percentInterval({ value: 0.34, low: 0.21, high: 0.5 })).toBe("34\u2009%, 21 to 50\u2009%");
  expect(percentInterval(null)).toBe("–");
});

test("money and changes keep their sign, and what rounds to nothing has none", () => {
  expect([euros(1234.4), euros(-90), euros(-0.2)]).toEqual([
    "1\u2009234\u2009€",
    "−90\u2009€",
    "0\u2009€",
  ]);
  expect([points(-0.012), points(0.004, 1), points(-0.00001)]).toEqual(["−1.20", "+0.4", "0.00"]);
});

test("spans of days are told in the unit that people use", () => {
  expect([span(12), span(300), span(1461)]).toEqual([
    "12\u2009days",
    "10\u2009months",
    "4.0\u2009years",
  ]);
});

test("a slot's wait is counted from today, and a day that is past costs nothing", () => {
  expect(daysUntil("2026-11-23", now_ms)).toBe(2);
  expect(waitingCost_EUR({ date: "2026-11-23", waitingPerDay_EUR: 12.5 }, now_ms)).toBe(25);
  expect(waitingCost_EUR({ date: "2026-11-01", waitingPerDay_EUR: 12.5 }, now_ms)).toBe(0);
  expect(dayWords("2026-11-23", now_ms)).toBe("Mon 23 Nov");
  expect(dayWords("2027-01-04", now_ms)).toBe("4 Jan 2027");
});

test("what is not measured is counted, and nothing is said where all is", () => {
  const rows = [{ origin: "simulated" }, { origin: "replayed" }, { origin: "simulated" }] as const;
  expect(originWords(rows)).toBe("2 of 3 vehicles are simulated, 1 of 3 vehicles is replayed");
  expect(originWords([{ origin: "measured" }])).toBeUndefined();
});
