import type { Interval90, LifeTrend } from "./daily-indicators.ts";
import { trendAt } from "./life-trend.ts";

/** What a pack has to keep until an age or a distance, whichever comes first. */
export interface DurabilityLimit {
  readonly share: number;
  readonly age_d: number;
  readonly distance_km: number;
}

const year_d = 365.25;

/**
 * Battery durability of cars (M1) after Regulation (EU) 2024/1257 (Euro 7), Annex II: 80 % of the certified
 * energy until 5 years or 100,000 km, then 72 % until 8 years or 160,000 km. Here the capacity of the cells
 * stands for the energy; a certified figure takes the test of the regulation.
 */
export const euro7Cars: readonly DurabilityLimit[] = [
  { share: 0.8, age_d: 5 * year_d, distance_km: 100_000 },
  { share: 0.72, age_d: 8 * year_d, distance_km: 160_000 },
];

/** The same for vans (N1): 75 % and 67 %. */
export const euro7Vans: readonly DurabilityLimit[] = [
  { share: 0.75, age_d: 5 * year_d, distance_km: 100_000 },
  { share: 0.67, age_d: 8 * year_d, distance_km: 160_000 },
];

export type WarrantyStatus = "kept" | "at-risk" | "broken" | "over";

export interface Warranty {
  /**
   * broken: below what is asked today. at-risk: some end of the forecast falls below before the last limit
   * ends. kept: no end does. over: the last limit has ended.
   */
  readonly status: WarrantyStatus;
  /** What is asked today; null when over. */
  readonly asked: number | null;
  /** Capacity less what is asked, today; null when over. */
  readonly margin: Interval90 | null;
  /** Days from now until the forecast falls below what is asked then; null where it does not. */
  readonly crossing_d: {
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  };
  /** Days from now until the last limit ends, by age or distance. */
  readonly ends_d: number;
}

/** Where a pack stands and how it is used. */
export interface WarrantyPlace {
  readonly age_d: number;
  readonly fullCycles: number;
  readonly cyclesPerDay: number;
  /** Unknown: age alone counts. */
  readonly distance_km: number | null;
  readonly distancePerDay_km: number;
}

const step_d = 7;
const none = { value: null, low: null, high: null };

/** Follows the trend to the end of the last limit. The worse end of the interval crosses first: that is `low`. */
export function warrantyOf(
  trend: LifeTrend,
  place: WarrantyPlace,
  limits: readonly DurabilityLimit[] = euro7Cars,
): Warranty {
  const ends_d = Math.max(0, ...limits.map((limit) => daysLeft(limit, place)));
  const asked = askedIn(0, { limits, place });
  if (asked === null) return { status: "over", asked, margin: null, crossing_d: none, ends_d: 0 };
  const now = trendAt(trend, place);
  const margin = { value: now.value - asked, low: now.low - asked, high: now.high - asked };
  const crossing = (side: (ends: Interval90) => number): number | null => {
    for (let day = 0; day <= ends_d; day += step_d) {
      const then = askedIn(day, { limits, place });
      const ends = trendAt(trend, {
        age_d: place.age_d + day,
        fullCycles: place.fullCycles + day * place.cyclesPerDay,
      });
      if (then !== null && side(ends) < then) return day;
    }
    return null;
  };
  const crossing_d = {
    value: crossing(({ value }) => value),
    low: crossing(({ low }) => low),
    high: crossing(({ high }) => high),
  };
  const status = margin.value < 0 ? "broken" : crossing_d.low === null ? "kept" : "at-risk";
  return { status, asked, margin, crossing_d, ends_d };
}

function daysLeft(limit: DurabilityLimit, place: WarrantyPlace): number {
  const byAge = limit.age_d - place.age_d;
  const { distance_km, distancePerDay_km } = place;
  if (distance_km === null) return byAge;
  const left_km = limit.distance_km - distance_km;
  if (left_km <= 0) return Math.min(byAge, -1);
  return distancePerDay_km > 0 ? Math.min(byAge, left_km / distancePerDay_km) : byAge;
}

/** The share of the first limit that still runs in so many days. */
function askedIn(
  day: number,
  o: { readonly limits: readonly DurabilityLimit[]; readonly place: WarrantyPlace },
): number | null {
  return o.limits.find((limit) => daysLeft(limit, o.place) >= day)?.share ?? null;
}
