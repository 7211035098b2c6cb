import type { Interval90, LifeTrend } from "./daily-indicators.ts";
import { trendAt } from "./life-trend.ts";

/** No forecast goes further: 30 years. */
const horizon_d = 30 * 365;
const step_d = 15;

/** How fast a pack is used, and where it stands. */
export interface LifePlace {
  readonly age_d: number;
  readonly fullCycles: number;
  readonly cyclesPerDay: number;
}

/**
 * Days until the trend comes down to a capacity, if use goes on alike: by the value and by both ends of its
 * interval, which widens the further it looks. `stretch` multiplies the half width (1.0 as the trend says).
 * At most 30 years from now. Cost: at most 730 looks at the trend.
 */
export function daysUntilShare(o: {
  trend: LifeTrend;
  place: LifePlace;
  share: number;
  stretch: number;
}): Interval90 {
  const at = (side: (ends: Interval90) => number): number => {
    for (let day = 0; day <= horizon_d; day += step_d) {
      const { age_d, fullCycles, cyclesPerDay } = o.place;
      const ends = trendAt(o.trend, {
        age_d: age_d + day,
        fullCycles: fullCycles + day * cyclesPerDay,
      });
      if (side(ends) <= o.share) return day;
    }
    return horizon_d;
  };
  const { stretch } = o;
  return {
    value: at(({ value }) => value),
    low: at(({ value, low }) => value - stretch * (value - low)),
    high: at(({ value, high }) => value + stretch * (high - value)),
  };
}

/** Remaining life until cells have a share of their capacity left; null where nothing is known of them. */
export function remainingLife(o: {
  trend: LifeTrend;
  place: LifePlace;
  share: number;
  stretch: number;
}): { readonly days: Interval90; readonly fullCycles: Interval90 } {
  const days = daysUntilShare(o);
  const { cyclesPerDay } = o.place;
  const fullCycles = {
    value: days.value * cyclesPerDay,
    low: days.low * cyclesPerDay,
    high: days.high * cyclesPerDay,
  };
  return { days, fullCycles };
}
