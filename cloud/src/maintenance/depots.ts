import { CodedError } from "@voltfog/runtime";

/** A workshop and how many vehicles it takes on a working day. */
export interface DepotSetting {
  readonly id: string;
  readonly perDay: number;
}

const day_ms = 86_400_000;

/** Each as id=places. CONFIG_INVALID. */
export function readDepots(items: readonly string[]): readonly DepotSetting[] {
  const depots = items.map((item) => {
    const [, id = "", perDay = ""] = /^([a-z][a-z0-9-]{0,31})=(\d{1,3})$/.exec(item) ?? [];
    if (id === "") throw wrong(`${JSON.stringify(item)} is no id=places`);
    return { id, perDay: Number(perDay) };
  });
  if (new Set(depots.map(({ id }) => id)).size < depots.length)
    throw wrong("a depot is there twice");
  return depots;
}

/** Places on each day from one on: none on Saturdays and Sundays. */
export function workableDays(o: {
  from_ms: number;
  days: number;
  perDay: number;
}): readonly number[] {
  return Array.from({ length: o.days }, (_, day) => {
    const weekday = new Date(o.from_ms + day * day_ms).getUTCDay();
    return weekday === 0 || weekday === 6 ? 0 : o.perDay;
  });
}

function wrong(message: string): CodedError {
  return new CodedError({
    code: "CONFIG_INVALID",
    message: `depots: ${message}`,
    remedy: "write each depot as id=places per working day",
  });
}
