/** Minutes of a day, from included to excluded; `to` below `from` goes over midnight. */
export interface IdleWindow {
  readonly from_min: number;
  readonly to_min: number;
}

const day_min = 1440;
const day_ms = 86_400_000;

/** "22:00 to 06:00" */
export function windowWords({ from_min, to_min }: IdleWindow): string {
  return `${clock(from_min)} to ${clock(to_min)}`;
}

/** The parts of one day that a window takes, as shares from 0 to 1; two where it goes over midnight. */
export function windowSpans({
  from_min,
  to_min,
}: IdleWindow): readonly { readonly left: number; readonly width: number }[] {
  const parts =
    to_min > from_min
      ? [[from_min, to_min]]
      : [
          [from_min, day_min],
          [0, to_min],
        ];
  return parts
    .map(([from = 0, to = 0]) => ({ left: from / day_min, width: (to - from) / day_min }))
    .filter(({ width }) => width > 0);
}

function clock(time_min: number): string {
  const [hours, minutes] = [Math.floor(time_min / 60), time_min % 60];
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** "21 Nov 2026, 21:30 to 22:30" in UTC, as contracts say it: both ends are on one day. */
export function contractWindow(window: {
  readonly from_ms: number;
  readonly to_ms: number;
}): string {
  const day = new Date(window.from_ms).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  const midnight_ms = Math.floor(window.from_ms / day_ms) * day_ms;
  const minuteOf = (time_ms: number): number => Math.floor((time_ms - midnight_ms) / 60_000);
  return `${day}, ${clock(minuteOf(window.from_ms))} to ${clock(minuteOf(window.to_ms))}`;
}
