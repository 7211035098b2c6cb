import fc from "fast-check";
import { expect, test } from "vitest";
import { clockQualityOf } from "./clock-quality.ts";

const now_ms = 1_790_000_000_000;
const nothing = { chronyTracking: undefined, timesyncTouched_ms: undefined };

function tracking(changes: Record<number, string> = {}): string {
  const fields = [
    ...["A9FEA97B", "169.254.169.123", "4", "1790000000.1", "0.000012", "-0.000003"],
    ...["0.000021", "-2.101", "0.001", "0.042", "0.000456", "0.000789", "16.1", "Normal"],
  ];
  for (const [place, value] of Object.entries(changes)) fields[Number(place)] = value;
  return `${fields.join(",")}\n`;
}

test("without a time service that says anything, nothing is known", () => {
  expect(clockQualityOf(nothing, now_ms)).toBe("unknown");
});

test.each([
  ["with a reference and a small error", tracking(), "synchronised"],
  ["about to insert a leap second", tracking({ 13: "Insert second" }), "synchronised"],
  ["without a reference", tracking({ 13: "Not synchronised" }), "free-running"],
  ["with an offset that it is still slewing away", tracking({ 4: "-1.2" }), "free-running"],
  ["whose reference is far and uncertain", tracking({ 10: "1.2", 11: "0.5" }), "free-running"],
  ["that says something else", "506 Cannot talk to daemon\n", "unknown"],
  ["that says nothing", "", "unknown"],
  ["with a field that is no number", tracking({ 11: "?" }), "unknown"],
] as const)("chrony %s", (_what, chronyTracking, quality) => {
  expect(clockQualityOf({ ...nothing, chronyTracking }, now_ms)).toBe(quality);
});

test.each([
  ["just now", 0, "synchronised"],
  ["within three of its longest intervals", 6_144_000, "synchronised"],
  ["longer ago", 6_144_001, "free-running"],
  ["a moment ahead of a clock being slewed", -1000, "synchronised"],
  ["in the future of a clock that was set back", -1001, "free-running"],
] as const)("timesyncd touched its mark %s", (_when, age_ms, quality) => {
  const evidence = { ...nothing, timesyncTouched_ms: now_ms - age_ms };
  expect(clockQualityOf(evidence, now_ms)).toBe(quality);
});

test("chrony is asked before a mark that timesyncd may have left behind", () => {
  const chronyTracking = tracking({ 13: "Not synchronised" });
  expect(clockQualityOf({ chronyTracking, timesyncTouched_ms: now_ms }, now_ms)).toBe(
    "free-running",
  );
});

test("whatever chronyc prints, there is a verdict, and it is not a good one", () => {
  fc.assert(
    fc.property(fc.string(), (chronyTracking) => {
      expect(clockQualityOf({ ...nothing, chronyTracking }, now_ms)).toBe("unknown");
    }),
  );
});
