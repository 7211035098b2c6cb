import type { Recommendation } from "./recommend.ts";

/** Why a site is where it is in the list, for a driver to read. */
export function reasonText(one: Recommendation, now_ms: number): string {
  // Nothing about the future is certain.
  const free = `Free with ${Math.min(99, Math.max(1, Math.round(100 * one.free)))} % when you arrive in ${minutes(one.parts.travel_min)}`;
  const wait =
    one.parts.wait_min >= 1
      ? `, else about ${minutes(one.parts.wait_min / Math.max(0.01, 1 - one.free))} to wait`
      : "";
  const plugs = `${one.freeNow} of ${one.plugs} fitting ${one.plugs === 1 ? "plug" : "plugs"} free ${age(now_ms - one.known_ms)}`;
  return `${free}${wait}. ${plugs}; charging takes ${minutes(one.parts.charging_min)}.`;
}

function minutes(value_min: number): string {
  if (value_min < 1) return "less than a minute";
  return value_min < 90 ? `${Math.round(value_min)} min` : `${(value_min / 60).toFixed(1)} h`;
}

function age(age_ms: number): string {
  return age_ms < 60_000 ? "now" : `${minutes(age_ms / 60_000)} ago`;
}
