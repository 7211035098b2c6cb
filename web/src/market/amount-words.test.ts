import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  amountField,
  amountFrom,
  beans,
  energy,
  energyFrom_Wh,
  exactMoney,
  exactPrice,
  money,
  price,
} from "./amount-words.ts";

const plain = (text: string): string => text.replaceAll("\u2009", " ");

describe("money", () => {
  it.each([
    [0, "0.00 EUR"],
    [1, "0.000001 EUR"],
    [800, "0.0008 EUR"],
    [5_150, "0.0052 EUR"],
    [99_999, "0.10 EUR"],
    [123_456, "0.12 EUR"],
    [1_234_567_890, "1 234.57 EUR"],
    [-2_505_000, "−2.51 EUR"],
    [Number.MAX_SAFE_INTEGER, "9 007 199 254.74 EUR"],
  ])("of %d millionths reads %s", (amount, words) => {
    expect(plain(money(amount, "EUR"))).toBe(words);
  });

  it.each([
    [0, "0.00 EUR"],
    [1, "0.000001 EUR"],
    [500_000, "0.50 EUR"],
    [1_234_567_890_000, "1 234 567.89 EUR"],
    [-2_500_000, "−2.50 EUR"],
    [Number.MAX_SAFE_INTEGER, "9 007 199 254.740991 EUR"],
  ])("of %d millionths is %s, exact to the last digit", (amount, words) => {
    expect(plain(exactMoney(amount, "EUR"))).toBe(words);
  });

  it("is never read as nothing where there is some, and never off by more than half of its last digit", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (amount) => {
        const [figure = ""] = money(amount, "EUR")
          .replaceAll(/\u2009(?=\d)/g, "")
          .split("\u2009");
        const [, fraction = ""] = figure.split(".");
        const shown = amountFrom(figure) ?? Number.NaN;
        expect(shown === 0).toBe(amount === 0);
        expect(fraction.length === 2 || amount < 100_000).toBe(true);
        expect(Math.abs(shown - amount)).toBeLessThanOrEqual(amount < 100_000 ? 50 : 5000);
      }),
    );
  });

  it("is a dash where there is none", () => {
    expect([money(null, "EUR"), price(undefined, "EUR"), energy(null)]).toEqual(["–", "–", "–"]);
  });
});

it("prices name the kilowatt-hour, energies and beans count in it", () => {
  expect(plain(price(325_000, "EUR"))).toBe("0.325 EUR/kWh");
  expect(plain(price(312_345, "EUR"))).toBe("0.3123 EUR/kWh");
  expect(plain(exactPrice(312_345, "EUR"))).toBe("0.312345 EUR/kWh");
  expect(plain(energy(12_345))).toBe("12.345 kWh");
  expect(plain(energy(2_000_000))).toBe("2 000.0 kWh");
  expect([plain(beans(1000)), plain(beans(3500))]).toEqual(["1.0 bean", "3.5 beans"]);
});

describe("what somebody typed", () => {
  it("is taken exactly, with a point or a comma", () => {
    expect([amountFrom("12.5"), amountFrom(" 0,30 "), amountFrom("7")]).toEqual([
      12_500_000, 300_000, 7_000_000,
    ]);
    expect([energyFrom_Wh("10"), energyFrom_Wh("0.25")]).toEqual([10_000, 250]);
  });

  it.each(["", "-1", "1e3", "0x10", "1.2345678", "1 000", "1.2.3", "Infinity", "99999999999"])(
    "%j is no amount",
    (text) => {
      expect(amountFrom(text)).toBe(undefined);
    },
  );

  it.each(["0.0001", "1000001"])("%s kWh is no energy that a field takes", (text) => {
    expect(energyFrom_Wh(text)).toBe(undefined);
  });

  it("a field shows what reads back as the same amount", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (amount) => {
        expect(amountFrom(amountField(amount))).toBe(amount);
        expect(amountField(-amount)).toBe(amount === 0 ? "0" : `-${amountField(amount)}`);
      }),
    );
  });
});
