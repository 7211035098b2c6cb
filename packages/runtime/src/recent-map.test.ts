import { expect, it } from "vitest";
import { RecentMap } from "./recent-map.ts";

it("keeps what was set or got last, and forgets what was not used since", () => {
  const map = new RecentMap<number, string>({ limit: 16 });
  map.set(0, "used");
  for (let key = 1; key <= 100; key++) {
    map.set(key, `value ${key}`);
    expect(map.get(0)).toBe("used");
    expect(map.get(Math.max(1, key - 2))).toBe(`value ${Math.max(1, key - 2)}`);
  }
  expect(map.get(50)).toBeUndefined();
});

it("never holds more than its limit", () => {
  const limit = 6;
  const map = new RecentMap<number, number>({ limit });
  for (let key = 0; key < 50; key++) map.set(key, key);
  const held = Array.from({ length: 50 }, (_, key) => map.get(key)).filter(
    (value) => value !== undefined,
  );
  expect(held.length).toBeGreaterThanOrEqual(limit / 2);
  expect(held.length).toBeLessThanOrEqual(limit);
});

it("a key that is set again has its newest value", () => {
  const map = new RecentMap<string, number>({ limit: 2 });
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  expect(map.get("a")).toBe(3);
});
