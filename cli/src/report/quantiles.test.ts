import { expect, it } from "vitest";
import { quantilesOf } from "./quantiles.ts";

it("gives nearest ranks, whatever the order", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(quantilesOf(values)).toEqual({ p50: 50, p99: 99 });
  expect(quantilesOf([7])).toEqual({ p50: 7, p99: 7 });
});

it("knows nothing of an empty list", () => {
  expect(quantilesOf([])).toEqual({ p50: null, p99: null });
});
