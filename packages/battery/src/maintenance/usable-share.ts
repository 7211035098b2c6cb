import type { CapacityLook, LifeTrend } from "./daily-indicators.ts";

/** What the smallest cell of a lot costs a pack that looks balanced: mean and σ. */
export const lot = { loss: 0.005, sigma: 0.004 } as const;

/** Share of the mean cell's capacity that a pack can deliver when its cells are this far apart. */
export function leftByImbalance(imbalanceShare: number): number {
  return Math.max(0.05, 1 - imbalanceShare - lot.loss);
}

/** What the capacity filter keeps of its older looks at each new one. */
const kept = 0.98;
/** A filter is behind by no more than this: a trend that says more is none. */
const lagMax = 0.03;

/** Weight, √years and full cycles of the looks that the filter remembers, as sums. */
export type LookMemory = readonly number[];

export function remembered(memory: LookMemory, looks: readonly CapacityLook[]): LookMemory {
  let [weight = 0, root = 0, cycles = 0] = memory;
  for (const look of looks) {
    weight = kept * weight + look.weight;
    root = kept * root + look.weight * rootYears(look.age_d);
    cycles = kept * cycles + look.weight * look.fullCycles;
  }
  return [weight, root, cycles];
}

/** What cells have lost since the mean of the remembered looks, by the trend: 0 or less. */
export function lostSince(
  memory: LookMemory,
  trend: LifeTrend | null,
  now: { readonly age_d: number; readonly fullCycles: number },
): number {
  const [weight = 0, root = 0, cycles = 0] = memory;
  if (trend === null || weight === 0) return 0;
  const lost =
    trend.perRootYear * (rootYears(now.age_d) - root / weight) +
    (trend.perHundredCycles * (now.fullCycles - cycles / weight)) / 100;
  return Math.min(0, Math.max(-lagMax, lost));
}

function rootYears(age_d: number): number {
  return Math.sqrt(Math.max(0, age_d) / 365.25);
}
