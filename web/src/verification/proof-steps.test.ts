import { expect, test } from "vitest";
import { bundlePlan } from "./bundle-steps.ts";
import { passedSteps, stepsUpTo } from "./proof-steps.ts";

test("a failure leaves the steps before it passed and those behind it open", () => {
  const detail = "2 of 4 signed";
  const steps = stepsUpTo(bundlePlan(false), { code: "CERTIFICATE_INVALID", detail });
  expect(steps.map(({ state }) => state)).toEqual([
    ...["passed", "passed", "passed", "failed"],
    ...Array.from({ length: 6 }, () => "unchecked"),
  ]);
  expect(steps[3]?.detail).toBe("CERTIFICATE_INVALID: 2 of 4 signed");
});

test("a code of no step leaves every step open", () => {
  const steps = stepsUpTo(bundlePlan(true), { code: "OF_LATER", detail: "" });
  expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["unchecked"]));
});

test("a frame has no step for an event, an event has", () => {
  expect(passedSteps(bundlePlan(false), {}).length).toBe(10);
  expect(passedSteps(bundlePlan(true), {}).at(-1)?.name).toBe("Event on the chain");
});
