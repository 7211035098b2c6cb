import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compareTariffs, type TariffComparison } from "./tariff-comparison.ts";

/** An assumed day with two peaks, per cent of what the grid can carry, and kWh bought in each hour. */
const load = [
  ...[32, 29, 27, 26, 27, 32, 45, 62, 68, 64, 58, 55],
  ...[54, 52, 51, 54, 63, 82, 96, 98, 88, 68, 50, 38],
];
const energy = [3, 2, 2, 1, 1, 2, 4, 6, 7, 6, 5, 5, 5, 5, 5, 6, 8, 14, 18, 16, 12, 8, 5, 4];
const hours = load.map((percent, i) => ({
  loadPpm: percent * 10_000,
  energy_Wh: (energy[i] ?? 0) * 1000,
}));
const curve = { reserve: 60_000_000, supply_Wh: 400_000, crrPpm: 500_000 };
const tariff = {
  valleyPricePerKWh: 250_000,
  peakPricePerKWh: 420_000,
  peakFrom_min: 17 * 60,
  peakTo_min: 21 * 60,
};
const parts = [
  ["night", 0, 6],
  ["morning", 6, 10],
  ["day", 10, 17],
  ["evening", 17, 21],
  ["late", 21, 24],
  ["all", 0, 24],
] as const;

function compared(from: number, to: number): TariffComparison {
  const result = compareTariffs({ curve, tariff, hours: hours.slice(from, to), from });
  if (result === undefined) throw new Error("the curve holds a day");
  return result;
}

const money = (amount: number): string => (amount / 1_000_000).toFixed(3);

/** The table of the specification. */
function rows(): readonly string[] {
  return parts.map(([name, from, to]) => {
    const { energy_Wh, curvePricePerKWh, tariffPricePerKWh } = compared(from, to);
    const mean = load.slice(from, to).reduce((sum, one) => sum + one, 0) / (to - from) / 100;
    const cells = [name, `${from}–${to}`, mean.toFixed(2), `${energy_Wh / 1000}`];
    return [...cells, money(curvePricePerKWh), money(tariffPricePerKWh)].join(" | ");
  });
}

describe("the curve and a fixed tariff", () => {
  it("differ over a day as the specification's table says", () => {
    const page = readFileSync("docs/specs/private-piles.md", "utf8");
    const table = page
      .split("\n")
      .filter((line) => /^\| (night|morning|day|evening|late|all) /.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim())
          .join(" | "),
      );
    expect(table).toEqual(rows());
  });

  it("agree that the evening is dear; the curve alone tells night from day", () => {
    const price = (part: number): number => {
      const [, from, to] = parts[part] ?? ["", 0, 24];
      return compared(from, to).curvePricePerKWh;
    };
    expect(price(0)).toBeLessThan(price(2));
    expect(price(2)).toBeLessThan(price(3));
    const tariffs = [0, 2].map((part) => compared(parts[part]?.[1] ?? 0, parts[part]?.[2] ?? 1));
    expect(tariffs[0]?.tariffPricePerKWh).toBe(tariffs[1]?.tariffPricePerKWh);
  });

  it("compare nothing beyond the curve, and nothing at no cost", () => {
    const beyond = [{ loadPpm: 0, energy_Wh: 2 ** 52 }];
    expect(compareTariffs({ curve, tariff, hours: beyond, from: 0 })).toBeUndefined();
    expect(compareTariffs({ curve, tariff, hours: [], from: 0 })).toMatchObject({
      curveCost: 0,
      curvePricePerKWh: 0,
    });
  });
});
