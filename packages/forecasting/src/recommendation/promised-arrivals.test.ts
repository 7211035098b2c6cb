import { expect, test } from "vitest";
import { PromisedArrivals } from "./promised-arrivals.ts";

const range = { after_ms: 0, upTo_ms: 10_000_000 };

test("arrivals of a site come in the order of time, within the range only", () => {
  const promised = new PromisedArrivals();
  promised.promise("ann", { siteId: "a", arrival_ms: 3000 });
  promised.promise("bea", { siteId: "a", arrival_ms: 1000 });
  promised.promise("cid", { siteId: "b", arrival_ms: 2000 });
  expect(promised.between("a", range)).toEqual([1000, 3000]);
  expect(promised.between("a", { after_ms: 1000, upTo_ms: 3000 })).toEqual([3000]);
  expect(promised.between("c", range)).toEqual([]);
});

test("a driver is on the way to one site: a new promise replaces the one before", () => {
  const promised = new PromisedArrivals();
  promised.promise("ann", { siteId: "a", arrival_ms: 1000 });
  promised.promise("ann", { siteId: "b", arrival_ms: 2000 });
  expect(promised.between("a", range)).toEqual([]);
  expect(promised.between("b", range)).toEqual([2000]);
  expect(promised.size).toBe(1);
});

test("who cancels is no load any more, and can not cancel twice", () => {
  const promised = new PromisedArrivals();
  promised.promise("ann", { siteId: "a", arrival_ms: 1000 });
  expect(promised.cancel("ann")).toBe(true);
  expect(promised.cancel("ann")).toBe(false);
  expect(promised.between("a", range)).toEqual([]);
});

test("an arrival long past is forgotten", () => {
  const promised = new PromisedArrivals();
  promised.promise("ann", { siteId: "a", arrival_ms: 1000 });
  promised.between("a", { after_ms: 700_000, upTo_ms: 800_000 });
  expect(promised.size).toBe(0);
});

test("there is a limit to the drivers on the way", () => {
  const promised = new PromisedArrivals();
  for (let driver = 0; driver < 100_000; driver++) {
    promised.promise(`${driver}`, { siteId: "a", arrival_ms: 1000 });
  }
  expect(promised.promise("one more", { siteId: "a", arrival_ms: 1000 })).toBe(false);
  expect(promised.promise("7", { siteId: "b", arrival_ms: 1000 })).toBe(true);
  expect(promised.size).toBe(100_000);
});
