/** Mean of the sessions at 3 to 22 kW in Paris (Belib', 2017). */
const slow_min = 110;
/** Assumed: a charge to 80 % at direct current. */
const fast_min = 35;
const fastFrom_kW = 43;

/** How long whoever charges at such a plug usually stays. */
export function usualStay_min(power_kW: number): number {
  return power_kW >= fastFrom_kW ? fast_min : slow_min;
}
