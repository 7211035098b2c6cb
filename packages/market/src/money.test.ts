import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, mulDiv } from "./money.ts";

const whole = fc.maxSafeNat();

describe("mulDiv", () => {
  it("is the exact quotient rounded down, or says that it is too large", () => {
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: 1, max: 2 ** 53 - 1 }), (a, b, divisor) => {
        const exact = (BigInt(a) * BigInt(b)) / BigInt(divisor);
        if (exact > BigInt(Number.MAX_SAFE_INTEGER)) expect(() => mulDiv(a, b, divisor)).toThrow();
        else expect(mulDiv(a, b, divisor)).toBe(Number(exact));
      }),
    );
  });
});

describe("costOf", () => {
  it("rounds in the payer's favour", () => {
    expect(costOf({ energy_Wh: 10_000, pricePerKWh: 300_000 })).toBe(3_000_000);
    expect(costOf({ energy_Wh: 1, pricePerKWh: 999 })).toBe(0);
  });
});
