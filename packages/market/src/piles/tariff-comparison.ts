import { buyFrom, type PriceCurve } from "../bancor/curve.ts";
import { loadedCost, loadFactorPpm } from "../bancor/load-factor.ts";
import { costOf, mulDiv } from "../money.ts";
import { type FixedTariff, tariffPrice } from "./deviation.ts";

/** One hour of a zone: the grid's load [millionths of what it can carry] and the energy that is bought. */
export interface ZoneHour {
  readonly loadPpm: number;
  readonly energy_Wh: number;
}

/** What the hours cost together, and per kWh, by the curve and by the fixed tariff. */
export interface TariffComparison {
  readonly energy_Wh: number;
  readonly curveCost: number;
  readonly tariffCost: number;
  readonly curvePricePerKWh: number;
  readonly tariffPricePerKWh: number;
}

const hour_ms = 3_600_000;

/**
 * A day of hours by both prices. Each hour's energy is bought at its beginning with the load reported then,
 * and is delivered before the next one, so the curve begins every hour where it stands. Amounts as on the
 * chain; undefined where the curve does not hold so much.
 */
export function compareTariffs(options: {
  curve: PriceCurve;
  tariff: FixedTariff;
  hours: readonly ZoneHour[];
  /** The first hour's place in the day. */
  from: number;
}): TariffComparison | undefined {
  const { curve, tariff, hours, from } = options;
  let [energy_Wh, curveCost, tariffCost] = [0, 0, 0];
  for (const [i, hour] of hours.entries()) {
    const bought = buyFrom(curve, hour.energy_Wh);
    if (bought === undefined) return undefined;
    const factorPpm = loadFactorPpm({ loadPpm: hour.loadPpm, loadTime_ms: 1 }, 1);
    energy_Wh += hour.energy_Wh;
    curveCost += loadedCost(bought.amount, factorPpm);
    const pricePerKWh = tariffPrice(tariff, (from + i) * hour_ms);
    tariffCost += costOf({ energy_Wh: hour.energy_Wh, pricePerKWh });
  }
  const each = (cost: number): number => (energy_Wh === 0 ? 0 : mulDiv(cost, 1000, energy_Wh));
  return {
    energy_Wh,
    curveCost,
    tariffCost,
    curvePricePerKWh: each(curveCost),
    tariffPricePerKWh: each(tariffCost),
  };
}
