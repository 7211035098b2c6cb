import type { HealthDay } from "../api/health-shapes.ts";
import type { Interval } from "../api/maintenance-shapes.ts";

export const day_ms = 86_400_000;

/** A line over days with the ends of its interval; null where nothing is known. */
export interface IntervalLine {
  readonly label: string;
  readonly value: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** Days without a figure, as a stretch of time. */
export interface MissingStretch {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly days: number;
}

export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function dayOf(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 10);
}

/** The versions that told any day, the oldest first: "2" comes before "10". */
export function versionsOf(days: readonly HealthDay[]): readonly string[] {
  const versions = [...new Set(days.map(({ version }) => version))];
  return versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The days as the newest version tells them. */
export function newestDays(days: readonly HealthDay[]): readonly HealthDay[] {
  const newest = versionsOf(days).at(-1);
  return days.filter(({ version }) => version === newest);
}

/** Every day from the first to the last, so that a day without a figure breaks the line. */
export function everyDay_ms(days: readonly { readonly day: string }[]): readonly number[] {
  if (days.length === 0) return [];
  const starts = days.map(({ day }) => startOf(day));
  const [first, last] = [Math.min(...starts), Math.max(...starts)];
  return Array.from({ length: (last - first) / day_ms + 1 }, (_, at) => first + at * day_ms);
}

/** One line for each version. */
export function linesByVersion(
  days: readonly HealthDay[],
  o: {
    readonly times_ms: readonly number[];
    readonly pick: (day: HealthDay) => Interval | null;
  },
): readonly IntervalLine[] {
  return versionsOf(days).map((version) => {
    const told = new Map(
      days.filter((one) => one.version === version).map((one) => [startOf(one.day), o.pick(one)]),
    );
    const end = (name: keyof Interval): readonly (number | null)[] =>
      o.times_ms.map((time_ms) => told.get(time_ms)?.[name] ?? null);
    return { label: `version ${version}`, value: end("value"), low: end("low"), high: end("high") };
  });
}

/** Stretches between the first and the last day of which no version tells anything. */
export function missingStretches(days: readonly HealthDay[]): readonly MissingStretch[] {
  const told = new Set(days.map(({ day }) => startOf(day)));
  const stretches: MissingStretch[] = [];
  for (const time_ms of everyDay_ms(days)) {
    if (told.has(time_ms)) continue;
    const last = stretches.at(-1);
    if (last?.to_ms === time_ms) {
      stretches[stretches.length - 1] = {
        ...last,
        to_ms: time_ms + day_ms,
        days: last.days + 1,
      };
    } else stretches.push({ from_ms: time_ms, to_ms: time_ms + day_ms, days: 1 });
  }
  return stretches;
}
