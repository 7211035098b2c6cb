import { expect, test } from "vitest";
import { reasonText } from "./reason-text.ts";
import type { Recommendation } from "./recommend.ts";

const one = {
  parts: { travel_min: 9.4, wait_min: 4, charging_min: 130 },
  free: 0.9,
  freeNow: 2,
  plugs: 3,
  known_ms: 0,
} as Recommendation;

test("a reason says the probability, the wait if not, the plugs with their age, and the time of charging", () => {
  expect(reasonText(one, 120_000)).toBe(
    "Free with 90 % when you arrive in 9 min, else about 40 min to wait. 2 of 3 fitting plugs free 2 min ago; charging takes 2.2 h.",
  );
});

test("nothing about the future is certain, and a short wait is not worth a word", () => {
  const sure = { ...one, free: 1, parts: { ...one.parts, wait_min: 0 } };
  expect(reasonText(sure, 0)).toMatch(/^Free with 99 % when you arrive in 9 min\. 2 of 3/);
  expect(reasonText({ ...one, free: 0 }, 0)).toMatch(/^Free with 1 % /);
});
