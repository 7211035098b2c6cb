import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "./amount-text.ts";

const amountOf = (text: string): number => parseAmount({ flag: "--amount", text });
const energyOf = (text: string): number => parseEnergy_Wh({ flag: "--energy", text });

describe("an amount", () => {
  it("reads back exactly as it is shown", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (amount) => {
        expect(amountOf(amountText(amount))).toBe(amount);
      }),
    );
    expect(amountText(12_500_000)).toBe("12.50");
    expect(amountText(-1)).toBe("-0.000001");
  });

  it("is refused where it would not be exact or is no amount", () => {
    for (const text of ["", "-1", "1.0000001", "1e3", "1,5", "0", "9999999999.999999", " 1"]) {
      expect(() => amountOf(text)).toThrow(expect.objectContaining({ code: "AMOUNT_INVALID" }));
    }
    expect(parseAmount({ flag: "--price", text: "0", zero: true })).toBe(0);
  });

  it("gets a verdict whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        try {
          expect(Number.isSafeInteger(amountOf(text))).toBe(true);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "AMOUNT_INVALID" });
        }
      }),
    );
  });
});

describe("an energy", () => {
  it("is whole watt-hours", () => {
    expect(["10kWh", "2.5 kWh", "0.001kwh", "750Wh"].map(energyOf)).toEqual([10_000, 2500, 1, 750]);
    expect(energyText(2500)).toBe("2.5 kWh");
    for (const text of ["", "10", "1.0001kWh", "1.5Wh", "-1kWh", "0Wh", "1MWh"]) {
      expect(() => energyOf(text)).toThrow(expect.objectContaining({ code: "ENERGY_INVALID" }));
    }
  });
});
