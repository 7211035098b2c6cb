import { expect, test } from "vitest";
import { ConditionBook, type Observation } from "./condition-book.ts";

const seen = (changes: Partial<Observation> = {}): Observation => ({
  functionId: "thermal-alert",
  condition: "over-temperature",
  class: "thermal-alert",
  vehicleId: "vehicle-01",
  state: "asserted",
  level: 1,
  standing: 1,
  logIndex: 10,
  at_ms: 1000,
  ...changes,
});
const over = { state: "cleared", standing: 0 } as const;

test("a condition is news when it begins, grows and ends, and not in between", () => {
  const book = new ConditionBook();
  expect(book.note(seen())).toBe(true);
  expect(book.note(seen({ logIndex: 11 }))).toBe(false);
  expect(book.note(seen({ logIndex: 12, level: 2, standing: 2 }))).toBe(true);
  expect(book.note(seen({ logIndex: 13 }))).toBe(false);
  expect(book.note(seen({ logIndex: 14, level: 2, ...over }))).toBe(true);
  expect(book.note(seen({ logIndex: 15, level: 2, ...over }))).toBe(false);
  expect(book.note(seen({ logIndex: 16 }))).toBe(true);
});

test("conditions of other vehicles, functions and names are others", () => {
  const book = new ConditionBook();
  expect(book.note(seen())).toBe(true);
  expect(book.note(seen({ vehicleId: "vehicle-02" }))).toBe(true);
  expect(book.note(seen({ condition: "temperature-rise" }))).toBe(true);
  expect(book.note(seen({ functionId: "charge-guard" }))).toBe(true);
});

test("what a frame showed before a restart is not news when it is shown again", () => {
  const book = new ConditionBook();
  expect(book.note(seen())).toBe(true);
  expect(book.note(seen({ logIndex: 14, at_ms: 5000, ...over }))).toBe(true);
  expect(book.note(seen())).toBe(false);
  expect(book.note(seen({ logIndex: 14, at_ms: 5000, ...over }))).toBe(false);
  expect(book.note(seen({ logIndex: 15, at_ms: 6000 }))).toBe(true);
});

test("a vehicle whose clock was set back is still heard", () => {
  const book = new ConditionBook();
  expect(book.note(seen({ at_ms: 9_000_000 }))).toBe(true);
  expect(book.note(seen({ logIndex: 11, at_ms: 5, ...over }))).toBe(true);
  expect(book.note(seen({ logIndex: 12, at_ms: 6 }))).toBe(true);
});

test("open conditions are told to the function that found them", () => {
  const book = new ConditionBook();
  book.note(seen({ level: 2, standing: 2 }));
  book.note(seen({ vehicleId: "vehicle-02" }));
  book.note(seen({ vehicleId: "vehicle-02", logIndex: 11, ...over }));
  expect(book.openOf("thermal-alert")).toEqual([
    { name: "over-temperature", vehicleId: "vehicle-01", level: 2 },
  ]);
  expect(book.openOf("charge-guard")).toEqual([]);
});

test("after a restore the next log counts from 0, and what comes later in it is news all the same", () => {
  const book = new ConditionBook();
  expect(book.note(seen({ logIndex: 5000, at_ms: 9000 }))).toBe(true);
  expect(book.note(seen({ logIndex: 5001, at_ms: 9500, ...over }))).toBe(true);
  expect(book.note(seen({ logIndex: 3, at_ms: 12_000 }))).toBe(true);
  expect(book.note(seen({ logIndex: 2, at_ms: 9000, level: 2, standing: 2 }))).toBe(false);
});

test("alerts of a vehicle that stand are counted, notices are not", () => {
  const book = new ConditionBook();
  book.note(seen());
  book.note(seen({ condition: "temperature-rise", level: 2, standing: 2 }));
  book.note(seen({ condition: "regulation", class: "temperature-regulation" }));
  expect(book.alertsOf("vehicle-01")).toBe(2);
  book.note(seen({ ...over, logIndex: 11, at_ms: 2000 }));
  expect(book.alertsOf("vehicle-01")).toBe(1);
  expect(book.alertsOf("vehicle-02")).toBe(0);
});

test("what another unit found is not news here, and its end is", () => {
  const book = new ConditionBook();
  const place = { functionId: "thermal-alert", vehicleId: "vehicle-01" };
  const open = [{ name: "over-temperature", class: "thermal-alert", level: 2 }] as const;
  expect(book.adopt({ ...place, seen_ms: 5000, open })).toBe(true);
  expect(book.standingOf(place)).toEqual(open);
  expect(book.alertsOf("vehicle-01")).toBe(1);
  expect(book.note(seen({ level: 2, standing: 2, logIndex: 0, at_ms: 6000 }))).toBe(false);
  expect(book.note(seen({ level: 2, ...over, logIndex: 1, at_ms: 7000 }))).toBe(true);
  expect(book.standingOf(place)).toEqual([]);
});

test("what another unit knows replaces what was known before, and never what is newer", () => {
  const book = new ConditionBook();
  const place = { functionId: "thermal-alert", vehicleId: "vehicle-01" };
  book.note(seen({ at_ms: 1000 }));
  expect(book.adopt({ ...place, seen_ms: 900, open: [] })).toBe(false);
  expect(book.standingOf(place)).toHaveLength(1);
  expect(book.adopt({ ...place, seen_ms: 2000, open: [] })).toBe(true);
  expect(book.standingOf(place)).toEqual([]);
  expect(book.alertsOf("vehicle-01")).toBe(0);
  expect(book.openOf("thermal-alert")).toEqual([]);
});
