import type { SimulatedChemistry } from "../simulation/simulated-cell.ts";

/** Full cycles until 80 % that are taken where nothing is known of a pack: an assumption, not a measurement. */
export const assumedLifeCycles: Readonly<Record<SimulatedChemistry, number>> = {
  nmc: 1500,
  lfp: 3000,
  lmo: 1000,
};

/** Mean capacity over a first life that goes evenly from 1 to 0.8. */
const meanCapacityShare = 0.9;

/**
 * What a kilowatt-hour out of a pack, and back into it later, wears it: the price of its successor over all
 * the energy that its first life gives (Kempton and Tomić, J. Power Sources 144 (2005) 268–279, c_d = c_bat /
 * L_ET). `lifeCycles` are full cycles from new to 80 %, those behind and those ahead together. All above 0.
 */
export function wearCost_EURperkWh(pack: {
  replacement_EUR: number;
  capacity_kWh: number;
  lifeCycles: number;
}): number {
  const life_kWh = pack.lifeCycles * pack.capacity_kWh * meanCapacityShare;
  return pack.replacement_EUR / life_kWh;
}
