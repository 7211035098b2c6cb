import { describe, expect, it } from "vitest";
import { upperRate95 } from "./poisson-bound.ts";

describe("the upper bound of a rate", () => {
  it("is that of the tables for small counts", () => {
    // Garwood, Biometrika 28 (1936): one-sided 95 %.
    expect(upperRate95(0, 1)).toBeCloseTo(2.996, 3);
    expect(upperRate95(1, 1)).toBeCloseTo(4.744, 3);
    expect(upperRate95(10, 2)).toBeCloseTo(16.962 / 2, 3);
  });
});
