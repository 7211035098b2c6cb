import { mulDiv } from "../money.ts";

/** A stretch of time, its end not in it. */
export interface Slot {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Minutes of every UTC day, 0 ≤ from < to ≤ 1440. */
export interface IdleWindow {
  readonly from_min: number;
  readonly to_min: number;
}

const day_ms = 86_400_000;
const hour_ms = 3_600_000;
const minute_ms = 60_000;

/** Days since 1970 in UTC. */
export function dayOf(time_ms: number): number {
  return (time_ms - (time_ms % day_ms)) / day_ms;
}

/** What two stretches share; undefined where they share nothing. */
export function shared(a: Slot, b: Slot): Slot | undefined {
  const from_ms = Math.max(a.from_ms, b.from_ms);
  const to_ms = Math.min(a.to_ms, b.to_ms);
  return from_ms < to_ms ? { from_ms, to_ms } : undefined;
}

/**
 * When a pile is idle and not promised, within a stretch of one UTC day: in order, apart from each other.
 * Windows and bookings are few (8 and 32), and bookings do not overlap each other.
 */
export function freeSlots(options: {
  windows: readonly IdleWindow[];
  booked: readonly Slot[];
  within: Slot;
}): readonly Slot[] {
  const { windows, within } = options;
  const start_ms = dayOf(within.from_ms) * day_ms;
  const booked = [...options.booked].sort((a, b) => a.from_ms - b.from_ms);
  const free: Slot[] = [];
  for (const { from_min, to_min } of windows) {
    const idle = {
      from_ms: start_ms + from_min * minute_ms,
      to_ms: start_ms + to_min * minute_ms,
    };
    const asked = shared(idle, within);
    if (asked !== undefined) free.push(...without(asked, booked));
  }
  return free;
}

/** What is left of a slot between bookings, which are in order. */
function without(slot: Slot, booked: readonly Slot[]): readonly Slot[] {
  const left: Slot[] = [];
  let from_ms = slot.from_ms;
  for (const booking of booked) {
    if (booking.from_ms >= slot.to_ms) break;
    if (booking.from_ms > from_ms) left.push({ from_ms, to_ms: booking.from_ms });
    from_ms = Math.max(from_ms, booking.to_ms);
  }
  if (from_ms < slot.to_ms) left.push({ from_ms, to_ms: slot.to_ms });
  return left;
}

/** How long a pile takes for so much energy, rounded up to a millisecond. Both below 2^32. */
export function chargingTime_ms(charge: { energy_Wh: number; power_W: number }): number {
  const work = charge.energy_Wh * hour_ms;
  const rest = work % charge.power_W;
  return (work - rest) / charge.power_W + (rest === 0 ? 0 : 1);
}

/** What a pile gives in a slot of at most a day, rounded down. */
function energyIn_Wh({ from_ms, to_ms }: Slot, power_W: number): number {
  return mulDiv(to_ms - from_ms, power_W, hour_ms);
}

/** Part of an order that a pile can take on, and when. */
export interface Placement {
  readonly slot: Slot;
  readonly energy_Wh: number;
}

/** Less is not worth a contract, unless it is all that is missing. */
export const placementMin_Wh = 100;

/**
 * The earliest free slot that holds all of the energy, from its beginning on and no longer than needed; else
 * the one that holds the most. undefined where none holds {@link placementMin_Wh} nor all.
 */
export function placeEnergy(options: {
  free: readonly Slot[];
  energy_Wh: number;
  power_W: number;
}): Placement | undefined {
  const { free, energy_Wh, power_W } = options;
  let best: Placement | undefined;
  for (const slot of free) {
    const held_Wh = Math.min(energyIn_Wh(slot, power_W), energy_Wh);
    if (held_Wh <= (best?.energy_Wh ?? 0)) continue;
    const to_ms = slot.from_ms + chargingTime_ms({ energy_Wh: held_Wh, power_W });
    best = { slot: { from_ms: slot.from_ms, to_ms }, energy_Wh: held_Wh };
  }
  if (best === undefined || best.energy_Wh === energy_Wh) return best;
  return best.energy_Wh < placementMin_Wh ? undefined : best;
}
