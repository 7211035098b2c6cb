import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buyFrom, crrStepPpm, type PriceCurve, sellTo, spotPrice } from "./curve.ts";
import { ceilRoot } from "./integer-root.ts";
import { loadedCost, loadFactorPpm, loadRules } from "./load-factor.ts";

const crr = fc.integer({ min: 1, max: 20 }).map((weight) => weight * crrStepPpm);
const curve: fc.Arbitrary<PriceCurve> = fc.record({
  reserve: fc.integer({ min: 1_000_000, max: 10 ** 12 }),
  supply_Wh: fc.integer({ min: 100_000, max: 10 ** 10 }),
  crrPpm: crr,
});
const energy_Wh = fc.integer({ min: 1, max: 5_000 });

function bought(from: PriceCurve, size_Wh: number): { amount: number; after: PriceCurve } {
  const conversion = buyFrom(from, size_Wh);
  if (conversion === undefined) throw new Error("the curve holds it");
  return conversion;
}

function sold(to: PriceCurve, size_Wh: number): { amount: number; after: PriceCurve } {
  const conversion = sellTo(to, size_Wh);
  if (conversion === undefined) throw new Error("the supply holds it");
  return conversion;
}

/** P as an exact comparison: whether the first one's price is above the second's. */
function isDearer(one: PriceCurve, other: PriceCurve): boolean {
  return (
    BigInt(one.reserve) * BigInt(other.supply_Wh) > BigInt(other.reserve) * BigInt(one.supply_Wh)
  );
}

describe("ceilRoot", () => {
  it("is the least number whose power is not below", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1n << 1500n }),
        fc.integer({ min: 1, max: 20 }),
        (value, n) => {
          const root = ceilRoot(value, n);
          expect(root ** BigInt(n) >= value).toBe(true);
          if (root > 0n) expect((root - 1n) ** BigInt(n) < value).toBe(true);
        },
      ),
    );
  });
});

describe("the curve", () => {
  it("never lets buying and selling back gain, in however many parts", () => {
    fc.assert(
      fc.property(curve, fc.array(energy_Wh, { minLength: 1, maxLength: 6 }), (start, sizes) => {
        let now = start;
        let paid = 0;
        for (const size of sizes) {
          const step = bought(now, size);
          paid += step.amount;
          now = step.after;
        }
        let got = 0;
        for (const size of sizes) {
          const step = sold(now, size);
          got += step.amount;
          now = step.after;
          expect(now.reserve).toBeGreaterThan(0);
        }
        expect(got).toBeLessThanOrEqual(paid);
        expect(now.supply_Wh).toBe(start.supply_Wh);
        expect(now.reserve).toBe(start.reserve + paid - got);
      }),
    );
  });

  it("never sells cheaper in parts, and never pays more in parts", () => {
    fc.assert(
      fc.property(curve, energy_Wh, energy_Wh, (start, first, second) => {
        const one = bought(start, first);
        const parts = one.amount + bought(one.after, second).amount;
        expect(parts).toBeGreaterThanOrEqual(bought(start, first + second).amount);
        const back = sold(start, first);
        const backParts = back.amount + sold(back.after, Math.min(second, 9)).amount;
        expect(backParts).toBeLessThanOrEqual(sold(start, first + Math.min(second, 9)).amount);
      }),
    );
  });

  it("gets dearer by buying and cheaper by selling", () => {
    fc.assert(
      fc.property(curve, energy_Wh, (start, size) => {
        const { after, amount } = bought(start, size);
        expect(isDearer(start, after)).toBe(false);
        // The whole costs at least what it would at the price before.
        expect(
          BigInt(amount) * BigInt(start.supply_Wh) * BigInt(start.crrPpm),
        ).toBeGreaterThanOrEqual(BigInt(start.reserve) * BigInt(size) * 1_000_000n);
        // Rounded in the curve's favour by less than one.
        const { after: end } = sold(start, size);
        expect(isDearer({ ...end, reserve: end.reserve - 1 }, start)).toBe(false);
      }),
    );
  });

  it("is within one unit above the true value, told by a series of 300 bits", () => {
    fc.assert(
      fc.property(curve, energy_Wh, (start, size) => {
        const { low, high } = trueCost(start, size);
        const amount = BigInt(bought(start, size).amount) << bits;
        expect(amount >= low).toBe(true);
        expect(amount - high < 1n << bits).toBe(true);
      }),
    );
  });

  it("says where it ends", () => {
    const small = { reserve: 2 ** 51, supply_Wh: 1000, crrPpm: 50_000 };
    expect(buyFrom(small, 1000)).toBeUndefined();
    expect(sellTo(small, 1000)).toBeUndefined();
    expect(sellTo(small, 999)?.after.reserve).toBe(1);
  });

  it("with half the weight squares, which anybody can compute", () => {
    const half = { reserve: 1_000_000, supply_Wh: 10_000, crrPpm: 500_000 };
    expect(bought(half, 1000)).toEqual({
      amount: 210_000,
      after: { reserve: 1_210_000, supply_Wh: 11_000, crrPpm: 500_000 },
    });
    expect(spotPrice(half)).toBe(200_000);
  });
});

const bits = 300n;
const one = 1n << bits;

/** B · ((1 + e/S)^(20/k) − 1) between two bounds, in 300 bits behind the point: exp of a logarithm by series. */
function trueCost(start: PriceCurve, size_Wh: number): { low: bigint; high: bigint } {
  const weight = BigInt(start.crrPpm / crrStepPpm);
  const s = BigInt(start.supply_Wh);
  const e = BigInt(size_Wh);
  // ln(1 + x) = 2 artanh(x / (2 + x)).
  const z = (e * one) / (2n * s + e);
  const square = (z * z) / one;
  let term = z;
  let log = 0n;
  for (let i = 1n; term !== 0n; i += 2n) {
    log += term / i;
    term = (term * square) / one;
  }
  const power = (2n * log * 20n) / weight;
  let summand = one;
  let whole = 0n;
  for (let i = 1n; summand !== 0n; i++) {
    whole += summand;
    summand = (summand * power) / (one * i);
  }
  const cost = BigInt(start.reserve) * (whole - one);
  // Each of the few hundred roundings is below 2^−300, and what follows multiplies it by less than 2^80.
  const slack = 1n << 100n;
  return { low: cost - slack, high: cost + slack };
}

describe("the grid's load", () => {
  it("raises prices at the peak and lowers them off peak, within its bounds", () => {
    const load = fc.nat(4_000_000);
    fc.assert(
      fc.property(load, load, (a, b) => {
        const factor = (loadPpm: number): number =>
          loadFactorPpm({ loadPpm, loadTime_ms: 1000 }, 2000);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(factor(low)).toBeLessThanOrEqual(factor(high));
        expect(factor(low)).toBeGreaterThanOrEqual(loadRules.factorMinPpm);
        expect(factor(high)).toBeLessThanOrEqual(loadRules.factorMaxPpm);
      }),
    );
    expect(loadFactorPpm({ loadPpm: 900_000, loadTime_ms: 0 }, 10)).toBe(1_000_000);
    expect(loadFactorPpm({ loadPpm: 900_000, loadTime_ms: 1 }, 3_600_002)).toBe(1_000_000);
  });

  it("never makes parts cheaper than the whole", () => {
    const amount = fc.nat(10 ** 12);
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 500_000, max: 2_000_000 }), (a, b, factor) => {
        expect(loadedCost(a, factor) + loadedCost(b, factor)).toBeGreaterThanOrEqual(
          loadedCost(a + b, factor),
        );
      }),
    );
  });
});
