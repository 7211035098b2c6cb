import { costOf, mulDiv } from "../money.ts";

/** What a fixed tariff asks in its two parts of a UTC day, per kWh. */
export interface FixedTariff {
  readonly valleyPricePerKWh: number;
  readonly peakPricePerKWh: number;
  readonly peakFrom_min: number;
  readonly peakTo_min: number;
}

/** The fixed tariff's price at a time: the peak's from its first minute to before its last. */
export function tariffPrice(tariff: FixedTariff, time_ms: number): number {
  const minute = Math.floor((time_ms % 86_400_000) / 60_000);
  const isPeak = tariff.peakFrom_min <= minute && minute < tariff.peakTo_min;
  return isPeak ? tariff.peakPricePerKWh : tariff.valleyPricePerKWh;
}

/** The most that a meter may count for a contract: a tenth more than was agreed. */
export function deliveredMax_Wh(energy_Wh: number): number {
  return energy_Wh + Math.floor(energy_Wh / 10);
}

/** What is locked beside the price, so that energy beyond the contract is always paid for. */
export function marginOf(terms: { energy_Wh: number; cataloguePricePerKWh: number }): number {
  const energy_Wh = Math.floor(terms.energy_Wh / 10);
  return costOf({ energy_Wh, pricePerKWh: terms.cataloguePricePerKWh });
}

/** Whether two meters say the same: within 50 Wh or 2 % of the larger, whichever is more. */
export function metersAgree(given_Wh: number, received_Wh: number): boolean {
  const larger_Wh = Math.max(given_Wh, received_Wh);
  const tolerance_Wh = Math.max(50, Math.floor(larger_Wh / 50));
  return Math.abs(given_Wh - received_Wh) <= tolerance_Wh;
}

/** How locked money is shared out. */
export interface DeviationShare {
  readonly toGrid_Wh: number;
  readonly fromGrid_Wh: number;
  /** To the owner, and back to the buyer: together cost + margin. */
  readonly paid: number;
  readonly returned: number;
}

/**
 * Settles what was delivered (at most {@link deliveredMax_Wh}) against what was agreed. Energy beyond the
 * contract is bought from the grid at the catalogue price: the buyer pays it to the grid, the grid to the
 * owner who fed it in. Energy that was not taken is sold to the grid at that price, at most at its own: the
 * grid pays the buyer, and the owner, who owes it, pays the grid. So the grid's books close at nothing. Where
 * the owner failed, what is missing costs the buyer nothing. All rounding is the buyer's gain.
 */
export function settleDeviation(terms: {
  energy_Wh: number;
  cost: number;
  margin: number;
  delivered_Wh: number;
  cataloguePricePerKWh: number;
  isOwnersFault: boolean;
}): DeviationShare {
  const { energy_Wh, cost, delivered_Wh, cataloguePricePerKWh: pricePerKWh } = terms;
  const toGrid_Wh = Math.max(0, energy_Wh - delivered_Wh);
  const fromGrid_Wh = Math.max(0, delivered_Wh - energy_Wh);
  const taken = mulDiv(cost, Math.min(delivered_Wh, energy_Wh), energy_Wh);
  const untaken = cost - taken;
  const resold =
    toGrid_Wh === 0 ? 0 : Math.min(untaken, costOf({ energy_Wh: toGrid_Wh, pricePerKWh }));
  const kept = terms.isOwnersFault || delivered_Wh === energy_Wh ? 0 : untaken - resold;
  const extra = Math.min(terms.margin, costOf({ energy_Wh: fromGrid_Wh, pricePerKWh }));
  const paid = taken + kept + extra;
  return { toGrid_Wh, fromGrid_Wh, paid, returned: cost + terms.margin - paid };
}
