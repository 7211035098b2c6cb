import type { Interval } from "../api/maintenance-shapes.ts";
import type { Origin } from "../api/shapes.ts";
import { percent, wholeNumber } from "../words/format.ts";

const thinSpace = "\u2009";
const day_ms = 86_400_000;

/** "34 %, 21 to 50 %": the figure, then the ends between which it lies in 9 of 10 cases. */
export function percentInterval(interval: Interval | null | undefined, digits = 0): string {
  if (interval === null || interval === undefined) return "–";
  const { value, low, high } = interval;
  return `${percent(value, digits)}, ${rangeOf(low * 100, high * 100, { unit: "%", digits })}`;
}

/** "21 to 50 %" */
export function rangeOf(low: number, high: number, o: { unit: string; digits: number }): string {
  return `${low.toFixed(o.digits)} to ${high.toFixed(o.digits)}${thinSpace}${o.unit}`;
}

/** Whole euros; a loss keeps its sign. */
export function euros(amount_EUR: number): string {
  const sign = amount_EUR <= -0.5 ? "−" : "";
  return `${sign}${wholeNumber(Math.round(Math.abs(amount_EUR)))}${thinSpace}€`;
}

/** Change of a share in points, with its sign: "+0.4", "−1.2". */
export function points(change: number, digits = 2): string {
  const text = Math.abs(change * 100).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${change < 0 ? "−" : "+"}${text}`;
}

/** A span of days in the unit that people use for it. */
export function span(days: number): string {
  if (days < 90) return `${Math.round(days)}${thinSpace}days`;
  if (days < 730) return `${Math.round(days / 30.44)}${thinSpace}months`;
  return `${(days / 365.25).toFixed(1)}${thinSpace}years`;
}

/** "Mon 23 Nov", with the year where it is another than today's. */
export function dayWords(day: string, now_ms: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  const isThisYear = date.getUTCFullYear() === new Date(now_ms).getUTCFullYear();
  return date.toLocaleDateString("en-GB", {
    ...(isThisYear ? { weekday: "short" } : { year: "numeric" }),
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}

/** Days from today (UTC) to a day; below 0 it is past. */
export function daysUntil(day: string, now_ms: number): number {
  return Math.round(
    (Date.parse(`${day}T00:00:00Z`) - Math.floor(now_ms / day_ms) * day_ms) / day_ms,
  );
}

/** What waiting costs until a slot. */
export function waitingCost_EUR(
  slot: {
    readonly date: string;
    readonly waitingPerDay_EUR: number;
  },
  now_ms: number,
): number {
  return Math.max(0, daysUntil(slot.date, now_ms)) * slot.waitingPerDay_EUR;
}

/** How many of which origin, where any is not measured; undefined where all are. */
export function originWords(rows: readonly { readonly origin: Origin }[]): string | undefined {
  const parts = (["simulated", "replayed"] as const).flatMap((origin) => {
    const count = rows.filter((row) => row.origin === origin).length;
    return count === 0
      ? []
      : [
          `${count} of ${rows.length} ${rows.length === 1 ? "vehicle" : "vehicles"} ${count === 1 ? "is" : "are"} ${origin}`,
        ];
  });
  return parts.length === 0 ? undefined : parts.join(", ");
}
