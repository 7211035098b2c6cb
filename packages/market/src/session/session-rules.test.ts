import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf } from "../money.ts";
import { beanBound_Wh } from "./bean-bound.ts";
import { drawShare_Wh } from "./bean-draw.ts";
import { meterFault } from "./meter-fault.ts";
import { billOf, energyAllowed_Wh } from "./session-bill.ts";
import { sessionLimits } from "./session-limits.ts";

/** What the union lets a tariff be. */
const price = fc.nat(1_000_000_000);
const energy_Wh = fc.nat(sessionLimits.energyMax_Wh);
const terms = fc.record({
  pricePerKWh: fc.oneof(fc.nat(2_000_000), price),
  sessionFee: fc.oneof(fc.nat(2_000_000), price),
  limitAmount: fc.oneof(fc.nat(50_000_000), fc.maxSafeNat()),
  limit_Wh: energy_Wh,
  heldBeans_Wh: energy_Wh,
});

describe("a session's bill", () => {
  it("is paid with beans first, then money and the fee", () => {
    const tariff = { pricePerKWh: 400_000, sessionFee: 250_000 };
    expect(billOf(10_000, { ...tariff, heldBeans_Wh: 0 })).toEqual({
      beans_Wh: 0,
      amount: 4_250_000,
    });
    expect(billOf(10_000, { ...tariff, heldBeans_Wh: 4_000 })).toEqual({
      beans_Wh: 4_000,
      amount: 2_650_000,
    });
    expect(billOf(10_000, { ...tariff, heldBeans_Wh: 99_000 })).toEqual({
      beans_Wh: 10_000,
      amount: 250_000,
    });
    expect(billOf(0, { ...tariff, heldBeans_Wh: 5 })).toEqual({ beans_Wh: 0, amount: 0 });
  });

  it("stays a whole number below 2^53 for all that the limits let through", () => {
    fc.assert(
      fc.property(terms, energy_Wh, (one, energy) => {
        const { beans_Wh, amount } = billOf(energy, one);
        expect(Number.isSafeInteger(amount)).toBe(true);
        expect(beans_Wh).toBeLessThanOrEqual(Math.min(energy, one.heldBeans_Wh));
      }),
    );
  });

  it("reaches a limit in money exactly", () => {
    const terms = { pricePerKWh: 400_000, sessionFee: 500_000, limit_Wh: 99_000, heldBeans_Wh: 7 };
    expect(energyAllowed_Wh({ ...terms, limitAmount: 4_500_000 })).toBe(10_007);
    expect(energyAllowed_Wh({ ...terms, limitAmount: 4_499_999 })).toBe(10_006);
    expect(energyAllowed_Wh({ ...terms, limitAmount: 499_999 })).toBe(0);
  });

  it("keeps both limits up to the energy that is allowed, and not one watt-hour further", () => {
    const keeps = (energy: number, one: Parameters<typeof energyAllowed_Wh>[0]): boolean =>
      energy <= one.limit_Wh && billOf(energy, one).amount <= one.limitAmount;
    fc.assert(
      fc.property(terms, (one) => {
        const allowed_Wh = energyAllowed_Wh(one);
        expect(keeps(allowed_Wh, one)).toBe(true);
        expect(keeps(allowed_Wh + 1, one)).toBe(false);
      }),
    );
  });
});

describe("a meter", () => {
  const last = { meter_Wh: 500_000, time_ms: 1_000_000 };
  const after = (meter_Wh: number, passed_ms: number): string | undefined =>
    meterFault({
      last,
      next: { meter_Wh: last.meter_Wh + meter_Wh, time_ms: last.time_ms + passed_ms },
      power_W: 22_000,
    });

  it("runs forwards, as does its clock", () => {
    expect(after(0, 1)).toBeUndefined();
    expect(after(-1, 1000)).toBe("METER_BACKWARDS");
    expect(after(1, 0)).toBe("TIME_INVALID");
    expect(after(1, -1)).toBe("TIME_INVALID");
  });

  it("counts no more than the charge point can give", () => {
    expect(after(26_500, 3_600_000)).toBeUndefined();
    expect(after(26_501, 3_600_000)).toBe("METER_ABSURD");
    expect(after(100, 1)).toBeUndefined();
    expect(after(101, 1)).toBe("METER_ABSURD");
  });
});

describe("the shares of a red envelope", () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it("sum exactly to it, each at least one watt-hour and at most twice the mean that was left", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(2 ** 40),
        fc.array(seed, { minLength: 40, maxLength: 40 }),
        (shares, extra, seeds) => {
          let left_Wh = shares + extra;
          for (let sharesLeft = shares; sharesLeft > 0; sharesLeft--) {
            const share_Wh = drawShare_Wh(
              { left_Wh, sharesLeft },
              seeds[sharesLeft - 1] ?? seeds[0] ?? new Uint8Array(32),
            );
            expect(share_Wh).toBeGreaterThanOrEqual(1);
            if (sharesLeft > 1) {
              expect(share_Wh).toBeLessThanOrEqual(2 * Math.floor(left_Wh / sharesLeft));
            }
            left_Wh -= share_Wh;
          }
          expect(left_Wh).toBe(0);
        },
      ),
    );
  });

  it("reach from the least to the most, as the seed says", () => {
    const rest = { left_Wh: 1000, sharesLeft: 10 };
    expect(drawShare_Wh(rest, new Uint8Array(32))).toBe(1);
    expect(drawShare_Wh(rest, new Uint8Array(32).fill(255))).toBe(200);
    expect(drawShare_Wh({ left_Wh: 10, sharesLeft: 10 }, new Uint8Array(32).fill(255))).toBe(1);
    expect(drawShare_Wh({ left_Wh: 7, sharesLeft: 1 }, new Uint8Array(32))).toBe(7);
  });
});

describe("the beans of an operator", () => {
  it("cost at its tariff no more than it has earned, and one watt-hour more would", () => {
    expect(beanBound_Wh({ earned: 4_000_000, pricePerKWh: 400_000 })).toBe(10_000);
    expect(beanBound_Wh({ earned: 0, pricePerKWh: 1 })).toBe(0);
    expect(beanBound_Wh({ earned: 5, pricePerKWh: 0 })).toBe(Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 30 }), (earned, pricePerKWh) => {
        const bound_Wh = beanBound_Wh({ earned, pricePerKWh });
        expect(costOf({ energy_Wh: bound_Wh, pricePerKWh })).toBeLessThanOrEqual(earned);
        expect(BigInt(bound_Wh + 1) * BigInt(pricePerKWh)).toBeGreaterThan(BigInt(earned) * 1000n);
      }),
    );
  });
});
