import { expect, it } from "vitest";
import { contractWindow, windowSpans, windowWords } from "./window-words.ts";

it("a window is said by the clock", () => {
  expect(windowWords({ from_min: 1320, to_min: 365 })).toBe("22:00 to 06:05");
  expect(windowWords({ from_min: 0, to_min: 1440 })).toBe("00:00 to 24:00");
});

it("a window over midnight is drawn at both ends of the day", () => {
  expect(windowSpans({ from_min: 360, to_min: 720 })).toEqual([{ left: 0.25, width: 0.25 }]);
  expect(windowSpans({ from_min: 1080, to_min: 360 })).toEqual([
    { left: 0.75, width: 0.25 },
    { left: 0, width: 0.25 },
  ]);
  expect(windowSpans({ from_min: 1080, to_min: 0 })).toEqual([{ left: 0.75, width: 0.25 }]);
});

it("a contract's window is said in UTC, up to the day's end", () => {
  const from_ms = Date.UTC(2026, 10, 21, 21, 30);
  expect(contractWindow({ from_ms, to_ms: from_ms + 3_600_000 })).toBe(
    "21 Nov 2026, 21:30 to 22:30",
  );
  expect(contractWindow({ from_ms, to_ms: Date.UTC(2026, 10, 22) })).toBe(
    "21 Nov 2026, 21:30 to 24:00",
  );
});
