import { expect, it } from "vitest";
import { dayFrom, keyOf, positionFrom } from "./address-filters.ts";

const query = (text: string): URLSearchParams => new URLSearchParams(text);
const key = "0a".repeat(32);

it("an address names an account by 64 hexadecimal digits or not at all", () => {
  expect(keyOf(query(`key=${key.toUpperCase()}`))).toBe(key);
  for (const text of ["", "key=", "key=ab", `key=${key}00`, `key=${"0g".repeat(32)}`])
    expect(keyOf(query(text))).toBe(undefined);
});

it("a day that is in no calendar gives way to the other", () => {
  expect(dayFrom("2026-02-28", "2026-01-01")).toBe("2026-02-28");
  for (const text of [null, "", "2026-02-30", "2026-13-01", "26-1-1", "2026-02-28T00"])
    expect(dayFrom(text, "2026-01-01")).toBe("2026-01-01");
});

it("a position needs both degrees, within the globe", () => {
  expect(positionFrom(query("lat=48.85&lon=-2.35"))).toEqual({ latitude: 48.85, longitude: -2.35 });
  for (const text of ["", "lat=48", "lat=91&lon=0", "lat=1e1&lon=0", "lat=0&lon=181"])
    expect(positionFrom(query(text))).toBe(undefined);
});
