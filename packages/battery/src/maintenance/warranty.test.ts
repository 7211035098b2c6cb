import { describe, expect, it } from "vitest";
import type { LifeTrend } from "./daily-indicators.ts";
import { euro7Cars, euro7Vans, warrantyOf } from "./warranty.ts";

/** Loses so many shares a year when used 100 full cycles a year, and is known exactly but for what lasts. */
function losing(perYear: number): LifeTrend {
  return {
    start: 1,
    perRootYear: 0,
    perHundredCycles: -perYear,
    covariance: new Array<number>(9).fill(0),
    coldShare: 0.0015,
    steps: [],
    sigma: 0.01,
    looks: 100,
  };
}

const year_d = 365.25;
const cyclesPerDay = 100 / year_d;

function at(years: number, distance_km: number | null = null): Parameters<typeof warrantyOf>[1] {
  return {
    age_d: years * year_d,
    fullCycles: years * 100,
    cyclesPerDay,
    distance_km,
    distancePerDay_km: 20,
  };
}

describe("the durability warranty", () => {
  it("asks for 80 % up to five years or 100,000 km and 72 % up to eight or 160,000 km", () => {
    expect(warrantyOf(losing(0.01), at(4.9)).asked).toBe(0.8);
    expect(warrantyOf(losing(0.01), at(5.1)).asked).toBe(0.72);
    expect(warrantyOf(losing(0.01), at(2, 99_000)).asked).toBe(0.8);
    expect(warrantyOf(losing(0.01), at(2, 101_000)).asked).toBe(0.72);
    expect(warrantyOf(losing(0.01), at(8.1))).toMatchObject({ status: "over", asked: null });
    expect(warrantyOf(losing(0.01), at(2, 161_000)).status).toBe("over");
  });

  it("is kept by a slow loss, at risk by a fast one, and broken once below", () => {
    expect(warrantyOf(losing(0.02), at(2))).toMatchObject({ status: "kept" });
    const risky = warrantyOf(losing(0.045), at(2));
    expect(risky.status).toBe("at-risk");
    expect(warrantyOf(losing(0.15), at(2)).status).toBe("broken");
  });

  it("tells the day of the crossing to a week, the worse end of the interval first", () => {
    const { crossing_d } = warrantyOf(losing(0.05), at(2));
    // 100 − 5 a year is 80 after four years, two from now.
    expect(Math.abs((crossing_d.value ?? 0) - 2 * year_d)).toBeLessThanOrEqual(7);
    expect(crossing_d.low).toBeLessThan(crossing_d.value ?? 0);
    expect(crossing_d.high ?? 9999).toBeGreaterThan(crossing_d.value ?? 0);
  });

  it("asks less of vans", () => {
    expect(warrantyOf(losing(0.01), at(2), euro7Vans).asked).toBe(0.75);
    expect(warrantyOf(losing(0.01), at(6), euro7Vans).asked).toBe(0.67);
  });

  it("ends by the distance where that comes first", () => {
    const { ends_d } = warrantyOf(losing(0.02), at(2, 150_000));
    expect(ends_d).toBeCloseTo(10_000 / 20, 6);
    expect(euro7Cars.at(-1)?.share).toBe(0.72);
  });
});
