import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ReaderPlaces } from "./reader-places.ts";

let folder: string;
let clock: ManualClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readers-"));
  clock = new ManualClock(1_760_000_000_000);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = (): string => join(folder, "readers.json");
const open = (): ReaderPlaces => new ReaderPlaces({ path: path(), clock, logger: silentLogger });

test("the reader that is least far counts, also after a restart", () => {
  const places = open();
  expect(places.lowest()).toBe(Number.POSITIVE_INFINITY);
  places.note("cloud", 50);
  places.note("unit", 900);
  places.note("cloud", 70);
  expect(places.lowest()).toBe(70);
  expect(open().lowest()).toBe(70);
});

test("a reader that is silent for a month is not waited for", () => {
  const places = open();
  places.note("cloud", 50);
  clock.advance(20 * 86_400_000);
  places.note("unit", 900);
  expect(places.lowest()).toBe(50);
  clock.advance(11 * 86_400_000);
  expect(places.lowest()).toBe(900);
});

test("strangers cannot fill it, and a damaged file holds nothing back", () => {
  const places = open();
  for (let i = 0; i < 40; i++) places.note(`reader-${i}`, 100 - i);
  expect(places.lowest()).toBe(85);
  for (const text of ["", "{", "{}", "[1]", '[["a"]]', '[["a",{"from":"1","seen_ms":2}]]']) {
    writeFileSync(path(), text);
    expect(open().lowest()).toBe(Number.POSITIVE_INFINITY);
  }
  expect(readFileSync(path(), "utf8")).toBe("[]\n");
});
