import { expect, it } from "vitest";
import { loadFigures, quantile } from "./load-figures.ts";

const block = (height: number, at_ms: number, ...transactions: string[]) => ({
  height,
  at_ms,
  transactions,
  refused: 0,
});

it("latency runs from the intended moment; six blocks more are counted where they came", () => {
  const seen = [block(5, 150, "a", "b"), block(6, 250, "c")];
  for (let height = 7; height <= 11; height++) seen.push(block(height, 100 * height - 350));
  const sent = ["a", "b", "c"].map((hash, i) => ({ hash, intended_ms: 50 * i }));
  const figures = loadFigures({ sent, refused: 0, seen });
  expect(figures).toMatchObject({ sent: 3, missing: 0, p50_ms: 150, p99_ms: 150 });
  expect(figures.sixBlocksP50_ms).toBe(700);
  expect(figures.rate_Hz).toBe(12);
});

it("what was refused or never became final is infinitely late", () => {
  const sent = ["a", "b"].map((hash) => ({ hash, intended_ms: 0 }));
  const figures = loadFigures({ sent, refused: 1, seen: [block(1, 10, "a")] });
  expect(figures).toMatchObject({ sent: 3, missing: 2, p50_ms: Infinity, p99_ms: Infinity });
  expect(figures.sixBlocksP50_ms).toBeUndefined();
});

it("a quantile is a value that was there", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 50, 99, 100]);
  expect(quantile([], 0.5)).toBe(Infinity);
});
