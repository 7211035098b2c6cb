import { mulDiv } from "../money.ts";

/** What a charge point's meter says. */
export interface Reading {
  readonly meter_Wh: number;
  readonly time_ms: number;
}

export type MeterFault = "METER_BACKWARDS" | "TIME_INVALID" | "METER_ABSURD";

/** Meters show whole counts and clocks drift: so much is no fault [Wh]. */
const slack_Wh = 100;

/**
 * Why a reading cannot follow another one: the meter or the clock runs backwards, or more energy came than
 * 1.2 times the charge point's rated power gives in that time. undefined for a good one. Readings are at
 * most a session's life apart.
 */
export function meterFault(readings: {
  last: Reading;
  next: Reading;
  power_W: number;
}): MeterFault | undefined {
  const { last, next, power_W } = readings;
  if (next.time_ms <= last.time_ms) return "TIME_INVALID";
  if (next.meter_Wh < last.meter_Wh) return "METER_BACKWARDS";
  const possible_Wh = mulDiv(12 * power_W, next.time_ms - last.time_ms, 36_000_000) + slack_Wh;
  return next.meter_Wh - last.meter_Wh > possible_Wh ? "METER_ABSURD" : undefined;
}
