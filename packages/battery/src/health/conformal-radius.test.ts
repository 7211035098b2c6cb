import { SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { conformalRadius } from "./conformal-radius.ts";

describe("the width of an interval", () => {
  it("is the score that holds the share, one group more counted as infinite", () => {
    const scores = Array.from({ length: 19 }, (_, at) => [at + 1]);
    expect(conformalRadius({ scores, share: 0.9 })).toBe(18);
  });

  it("promises nothing from too few groups", () => {
    expect(conformalRadius({ scores: [[1], [2]], share: 0.9 })).toBe(Number.POSITIVE_INFINITY);
    expect(conformalRadius({ scores: [], share: 0.9 })).toBe(Number.POSITIVE_INFINITY);
  });

  it("weighs a cell with many rows like one with few", () => {
    const many = Array.from({ length: 1000 }, () => 100);
    const scores = [many, ...Array.from({ length: 49 }, () => [1])];
    expect(conformalRadius({ scores, share: 0.9 })).toBe(1);
  });

  it("holds at least the share of the rows of a new group on average", () => {
    const random = new SeededRandom(8);
    const group = (): number[] => {
      const size = 0.5 + random.uniform();
      return Array.from({ length: 30 }, () => size * random.uniform());
    };
    let inside = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial++) {
      const radius = conformalRadius({ scores: Array.from({ length: 25 }, group), share: 0.9 });
      inside += group().filter((score) => score <= radius).length / 30 / trials;
    }
    expect(inside).toBeGreaterThan(0.88);
  });
});
