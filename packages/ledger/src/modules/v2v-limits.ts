import type { BuyOrder, SellOrder, V2vRules } from "./v2v-orders.ts";

const energyMax_Wh = 1_000_000;
/** A hundred of the currency per kilowatt-hour. */
const priceMax = 100_000_000;
const useMax_Wh = 5000;
const minute_ms = 60_000;

/** How far a vehicle's clock may be off the chain's. */
export const clockOffMax_ms: number = 5 * minute_ms;

export function isEnergy(energy_Wh: number): boolean {
  return energy_Wh >= 1 && energy_Wh <= energyMax_Wh;
}

/** 0 is nothing counted, which a vehicle may say. */
export function isCount(energy_Wh: number): boolean {
  return energy_Wh <= energyMax_Wh;
}

export function isUse(usePerKm_Wh: number): boolean {
  return usePerKm_Wh >= 1 && usePerKm_Wh <= useMax_Wh;
}

/** Why an order's numbers are absurd. */
export function sellProblem(order: SellOrder): string | undefined {
  if (!isEnergy(order.energy_Wh) || !isCount(order.spare_Wh)) return "ENERGY_OUT_OF_RANGE";
  if (order.spare_Wh === 0) return "ENERGY_OUT_OF_RANGE";
  if (order.pricePerKWh === 0 || order.pricePerKWh > priceMax) return "PRICE_OUT_OF_RANGE";
  return order.ownPricePerKWh > priceMax ? "PRICE_OUT_OF_RANGE" : undefined;
}

export function buyProblem(order: BuyOrder): string | undefined {
  if (!isEnergy(order.energy_Wh)) return "ENERGY_OUT_OF_RANGE";
  if (order.maxPricePerKWh > priceMax) return "PRICE_OUT_OF_RANGE";
  if (order.ownPricePerKWh > priceMax) return "PRICE_OUT_OF_RANGE";
  return order.funds === 0 ? "FUNDS_OUT_OF_RANGE" : undefined;
}

export function areRules({ feePerKWh, lossMaxPpm, meterPpm, tradeLife_ms }: V2vRules): boolean {
  return (
    feePerKWh >= 1 &&
    feePerKWh <= 999_999 &&
    lossMaxPpm <= 500_000 &&
    meterPpm <= 200_000 &&
    tradeLife_ms >= minute_ms &&
    tradeLife_ms <= 30 * 24 * 60 * minute_ms
  );
}
