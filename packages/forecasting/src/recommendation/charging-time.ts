/** From here on a car takes less and less: the share of its power falls straight to the last one when full. */
const taperFrom = 0.8;
const taperTo = 0.2;

/**
 * Minutes from one state of charge to another at a power that the plug or the car limits. Above 80 % the
 * power falls linearly to a fifth of it. 0 where nothing is to be charged.
 */
export function chargingTime_min(options: {
  readonly from: number;
  readonly to: number;
  readonly capacity_kWh: number;
  readonly power_kW: number;
}): number {
  const { from, to, capacity_kWh, power_kW } = options;
  if (to <= from || power_kW <= 0) return to <= from ? 0 : Number.POSITIVE_INFINITY;
  const full_h = capacity_kWh / power_kW;
  const flat = Math.max(0, Math.min(to, taperFrom) - from);
  return 60 * full_h * (flat + taperedShare(Math.max(from, taperFrom), Math.max(to, taperFrom)));
}

/** ∫ dz / share(z), where share falls from 1 at 80 % to 0.2 at 100 %. */
function taperedShare(from: number, to: number): number {
  const slope = (1 - taperTo) / (1 - taperFrom);
  const shareAt = (soc: number): number => 1 - slope * (soc - taperFrom);
  return to <= from ? 0 : Math.log(shareAt(from) / shareAt(to)) / slope;
}
