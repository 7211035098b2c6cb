import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a second's worth may come at once, then the sender waits for what it overdrew", () => {
  const bucket = new TokenBucket({ rate: 1000, now_ms: 0 });
  expect(bucket.wait_ms(0)).toBe(0);
  bucket.spend(1500);
  const wait_ms = bucket.wait_ms(0);
  expect(wait_ms).toBeGreaterThanOrEqual(500);
  expect(bucket.wait_ms(wait_ms)).toBe(0);
});

test("it never gathers more than a second's worth", () => {
  const bucket = new TokenBucket({ rate: 1000, now_ms: 0 });
  expect(bucket.wait_ms(3_600_000)).toBe(0);
  bucket.spend(1001);
  expect(bucket.wait_ms(3_600_000)).toBeGreaterThan(0);
});

test("a narrower rate holds at once, and an old debt lasts a second at most", () => {
  const bucket = new TokenBucket({ rate: 1_000_000, now_ms: 0 });
  bucket.spend(1_500_000);
  bucket.change({ rate: 100, now_ms: 0 });
  expect(bucket.wait_ms(0)).toBeGreaterThan(0);
  expect(bucket.wait_ms(1010)).toBe(0);
  expect(bucket.left).toBeLessThanOrEqual(100);
});
