import { expect, test } from "vitest";
import { ByteAllowance } from "./byte-allowance.ts";

test("a second's worth may come at once, then the sender waits for what it overdrew", () => {
  const allowance = new ByteAllowance({ rate_bytes: 1000, now_ms: 0 });
  expect(allowance.wait_ms(0)).toBe(0);
  allowance.spend(1500);
  const wait_ms = allowance.wait_ms(0);
  expect(wait_ms).toBeGreaterThanOrEqual(500);
  expect(allowance.wait_ms(wait_ms)).toBe(0);
});

test("it never gathers more than a second's worth", () => {
  const allowance = new ByteAllowance({ rate_bytes: 1000, now_ms: 0 });
  expect(allowance.wait_ms(3_600_000)).toBe(0);
  allowance.spend(1001);
  expect(allowance.wait_ms(3_600_000)).toBeGreaterThan(0);
});
