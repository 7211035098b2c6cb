import { mulDiv } from "../money.ts";

/** What the load does to a price: half the load that the grid can carry leaves it as it is. */
export const loadRules = {
  /** Least and most that a price is multiplied with, millionths. */
  factorMinPpm: 500_000,
  factorMaxPpm: 2_000_000,
  /** A report older than this no longer moves the price. */
  reportLife_ms: 3_600_000,
} as const;

/** The load as it was reported last; time 0 where it never was. */
export interface LoadReport {
  readonly loadPpm: number;
  readonly loadTime_ms: number;
}

/**
 * What prices are multiplied with, millionths: 0.5 + load, so 0.5 on an idle grid, 1 at half load, 1.5 at
 * full load, never above 2. A report that is too old, or none, gives 1.
 */
export function loadFactorPpm({ loadPpm, loadTime_ms }: LoadReport, time_ms: number): number {
  if (loadTime_ms === 0 || time_ms - loadTime_ms > loadRules.reportLife_ms) return 1_000_000;
  return Math.min(loadRules.factorMinPpm + loadPpm, loadRules.factorMaxPpm);
}

/** An amount times the factor, rounded up: what a buyer pays is never less than the curve asks. */
export function loadedCost(amount: number, factorPpm: number): number {
  const down = mulDiv(amount, factorPpm, 1_000_000);
  const isExact = (BigInt(amount) * BigInt(factorPpm)) % 1_000_000n === 0n;
  return isExact ? down : down + 1;
}
