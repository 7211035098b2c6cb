const thinSpace = "\u2009";

/** A number with its unit after a thin space; an en dash where there is no number. */
export function withUnit(value: number | null | undefined, unit: string, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${signed(value.toFixed(digits))}${unit === "" ? "" : thinSpace + unit}`;
}

/** With a minus as wide as a plus, and none before a zero. */
function signed(figure: string): string {
  return Number(figure) === 0 ? figure.replace("-", "") : figure.replace("-", "−");
}

/** Per cent of a ratio. */
export function percent(ratio: number | null | undefined, digits = 0): string {
  return withUnit(ratio === null || ratio === undefined ? null : ratio * 100, "%", digits);
}

/** A time that something takes: minutes, and hours from 90 minutes on. */
export function lasting(time_min: number): string {
  return time_min < 90 ? withUnit(time_min, "min") : withUnit(time_min / 60, "h", 1);
}

/** "4 s ago", "in 2 min"; the exact time belongs in the title beside it. */
export function relativeTime(then_ms: number, now_ms: number): string {
  const age_s = (now_ms - then_ms) / 1000;
  const size = Math.abs(age_s);
  const [count, unit] =
    size < 100
      ? [size, "s"]
      : size < 5400
        ? [size / 60, "min"]
        : size < 129600
          ? [size / 3600, "h"]
          : [size / 86400, "d"];
  const text = `${Math.round(count)}${thinSpace}${unit}`;
  return age_s >= 0 ? `${text} ago` : `in ${text}`;
}

/** The reader's date and time to the second with its zone, for titles and tables. */
export function exactTime(time_ms: number): string {
  return new Date(time_ms).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}

/** What the reader's clock is called on the day of a time, such as "UTC" or "CET". */
export function zoneAt(time_ms: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(time_ms);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** First and last characters of a long hash. */
export function shortHash(hash: string): string {
  return hash.length <= 14 ? hash : `${hash.slice(0, 8)}…${hash.slice(-4)}`;
}

export function wholeNumber(value: number): string {
  return value.toLocaleString("en-GB").replaceAll(",", thinSpace);
}
