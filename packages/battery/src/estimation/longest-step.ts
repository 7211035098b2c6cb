/** In C: below this a pack rests; two currents closer than this are the same charge. */
const restRate = 0.01;
const sameRate = 0.05;
const driving_s = 10;
const changing_s = 60;
const resting_s = 600;

/**
 * Seconds between two readings up to which it is known what flowed: a longer step is a gap. Packs at rest are
 * read less often, and so are packs on a steady charge. A reading's current stands for the time before
 * it, so the first one at rest may come a minute after the last one under load. Rates in C, charge positive.
 */
export function longestStep_s(o: { readonly lastRate: number; readonly rate: number }): number {
  const isRest = Math.abs(o.rate) <= restRate;
  if (isRest && Math.abs(o.lastRate) <= restRate) return resting_s;
  const isSteadyCharge = o.rate > 0 && Math.abs(o.rate - o.lastRate) <= sameRate;
  return isRest || isSteadyCharge ? changing_s : driving_s;
}
