import type { Random } from "@voltfog/runtime";

/** What a vehicle does from a time of the simulation on, until the next entry. */
export interface Activity {
  readonly from_s: number;
  readonly mode: "driving" | "charging";
  /** Longest; a charge ends at its target, a drive when the pack is low. */
  readonly duration_s: number;
  /** Drives: shares of city and rural roads. */
  readonly city: number;
  readonly rural: number;
  /** Charges: current in C and state of charge to reach. */
  readonly rate: number;
  readonly target: number;
}

const hour_s = 3600;
const day_s = 24 * hour_s;

/** The habits of one driver, drawn once. */
export interface Habits {
  readonly commute_s: number;
  readonly chargeBelow: number;
  readonly target: number;
  readonly rate: number;
}

export function drawHabits(random: Random): Habits {
  const usual = random.uniform();
  return {
    commute_s: 900 + 2400 * random.uniform(),
    chargeBelow: 0.45 + 0.3 * random.uniform(),
    target: usual < 0.5 ? 0.8 : 0.9,
    // 0.12 C is a home wallbox on 150 Ah, 0.5 C a fast charger.
    rate: random.uniform() < 0.7 ? 0.12 + 0.08 * random.uniform() : 0.5,
  };
}

/** A plan of one day: two commutes or one errand, and in the evening a chance to charge. */
export function planDay(o: { day: number; habits: Habits; random: Random }): readonly Activity[] {
  const { day, habits, random } = o;
  const start_s = day * day_s;
  const isWorkday = day % 7 < 5;
  const trips_h = isWorkday
    ? [7 + 1.5 * random.uniform(), 16 + 2 * random.uniform()]
    : [10 + 4 * random.uniform()];
  const city = 0.3 + 0.4 * random.uniform();
  const drives = trips_h.map(
    (at_h): Activity => ({
      from_s: Math.round(start_s + at_h * hour_s),
      mode: "driving",
      duration_s: Math.round(habits.commute_s * (0.8 + 0.4 * random.uniform())),
      city,
      rural: 0.9 - city,
      rate: 0,
      target: 0,
    }),
  );
  const charge: Activity = {
    from_s: Math.round(start_s + (19.5 + random.uniform()) * hour_s),
    mode: "charging",
    duration_s: 9 * hour_s,
    city: 0,
    rural: 0,
    rate: habits.rate,
    // One charge in ten goes to full, as makers ask for balancing and for LFP.
    target: random.uniform() < 0.1 ? 1 : habits.target,
  };
  return [...drives, charge];
}
