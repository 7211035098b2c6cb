import { buyFrom, crrStepPpm, spotPrice } from "@voltfog/market";
import type { PileCurveView } from "@voltfog/messages";

const day_ms = 86_400_000;

/** A window of one UTC day from what date and time fields hold; undefined where it is none. */
export function windowOfDay(o: {
  readonly date: string;
  readonly from: string;
  readonly to: string;
}): { readonly from_ms: number; readonly to_ms: number } | undefined {
  const midnight_ms = Date.parse(`${o.date}T00:00:00Z`);
  const [from_ms, to_ms] = [o.from, o.to].map((time) => Date.parse(`${o.date}T${time}:00Z`));
  if (from_ms === undefined || to_ms === undefined || Number.isNaN(midnight_ms)) return undefined;
  return from_ms < to_ms && to_ms <= midnight_ms + day_ms ? { from_ms, to_ms } : undefined;
}

/**
 * What so much energy should cost from the curve [millionths], at what the load makes of its price now; undefined
 * where the curve cannot give it. An owner in the book may be cheaper, and the price may move until the block.
 */
export function expectedCost(
  curve: Pick<PileCurveView, "reserve" | "supply_Wh" | "weight" | "pricePerKWh">,
  energy_Wh: number,
): number | undefined {
  const bare = {
    reserve: curve.reserve,
    supply_Wh: curve.supply_Wh,
    crrPpm: Math.round(curve.weight * 1_000_000),
  };
  if (energy_Wh < 1 || bare.supply_Wh < 1 || bare.crrPpm < crrStepPpm) return undefined;
  const bought = buyFrom(bare, energy_Wh);
  const spot = spotPrice(bare);
  if (bought === undefined || spot === 0) return undefined;
  return Math.ceil(bought.amount * (curve.pricePerKWh / spot));
}
