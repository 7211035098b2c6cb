import { ManualClock } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { RequestAllowance } from "./request-allowance.ts";

it("gives each caller its burst, then what the rate fills, and says how long to wait", () => {
  const clock = new ManualClock(0);
  const allowance = new RequestAllowance({ burst: 2, perSecond: 0.5, clock });
  expect([allowance.take("a"), allowance.take("a")]).toEqual([{ ok: true }, { ok: true }]);
  expect(allowance.take("a")).toEqual({ ok: false, wait_s: 2 });
  expect(allowance.take("b")).toEqual({ ok: true });
  clock.advance(1000);
  expect(allowance.take("a")).toEqual({ ok: false, wait_s: 1 });
  clock.advance(1000);
  expect(allowance.take("a")).toEqual({ ok: true });
  clock.advance(3_600_000);
  expect([1, 2, 3].map(() => allowance.take("a").ok)).toEqual([true, true, false]);
});

it("forgets who asked longest ago, so that made-up addresses take no memory", () => {
  const clock = new ManualClock(0);
  const allowance = new RequestAllowance({ burst: 1, perSecond: 0.001, clock });
  allowance.take("first");
  for (let i = 0; i < 10_000; i++) allowance.take(`address-${i}`);
  expect(allowance.take("address-9999").ok).toBe(false);
  expect(allowance.take("first").ok).toBe(true);
});
