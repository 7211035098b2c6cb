import { standingLevel } from "@voltfog/messages";
import type { EventView } from "../api/responses.ts";
import type { AlertFinding } from "./alert.ts";
import type { AlertRule, IndicatorRule, WatchedIndicator } from "./alert-settings.ts";

/** What the rules find in an event: a condition at a level, or over. */
export function findingsInEvent(
  event: EventView,
  rules: readonly AlertRule[],
): readonly AlertFinding[] {
  const { class: eventClass, vehicleId, functionId, condition, unit } = event;
  return rules.flatMap((rule) => {
    if (rule.on !== "event" || !rule.classes.includes(eventClass)) return [];
    const standing = standingLevel(event);
    const finding: AlertFinding = {
      key: `${rule.id}/${vehicleId}/${functionId}/${eventClass}/${condition ?? unit}`,
      ...{ ruleId: rule.id, vehicleId, unit },
      // What falls below the rule's level is over for this rule.
      level: standing >= rule.levelMin ? standing : 0,
      at_ms: event.at_ms,
      value: event.value,
      limit: event.limit,
      sentence: event.sentence,
      runbook: eventClass,
      cause: { kind: "event", eventId: event.id },
      origin: event.origin,
    };
    return [finding];
  });
}

/** The figures of one vehicle and day that rules watch; null: not known, which neither raises nor ends. */
export interface DayFigures {
  readonly vehicleId: string;
  readonly day: string;
  readonly at_ms: number;
  /** Name and version of who estimated them. */
  readonly estimator: string;
  readonly origin: AlertFinding["origin"];
  readonly figures: Readonly<Record<WatchedIndicator, number | null>>;
}

const units: Readonly<Record<WatchedIndicator, string>> = {
  soh: "",
  resistance_Ohm: "Ohm",
  imbalance_mV: "mV",
  temperatureSpread_K: "K",
  anomalyScore: "",
  safetyScore: "",
  remainingLife_d: "d",
};

const words: Readonly<Record<WatchedIndicator, string>> = {
  soh: "state of health",
  resistance_Ohm: "resistance",
  imbalance_mV: "imbalance",
  temperatureSpread_K: "temperature spread",
  anomalyScore: "distance from the fleet",
  safetyScore: "early safety score",
  remainingLife_d: "remaining life",
};

/** What the rules find in a day: between limit and clear mark, nothing, so that an alert does not flutter. */
export function findingsInDay(
  day: DayFigures,
  rules: readonly AlertRule[],
): readonly AlertFinding[] {
  return rules.flatMap((rule) => {
    if (rule.on !== "indicator") return [];
    const value = day.figures[rule.indicator];
    if (value === null) return [];
    const standing = beyond(value, rule);
    if (standing === undefined) return [];
    const limit = rule.below ?? rule.above ?? 0;
    const unit = units[rule.indicator];
    const figure = `${Number(value.toPrecision(3))}${unit === "" ? "" : ` ${unit}`}`;
    const side = rule.below === undefined ? "above" : "below";
    const finding: AlertFinding = {
      key: `${rule.id}/${day.vehicleId}`,
      ...{ ruleId: rule.id, vehicleId: day.vehicleId, value, limit, unit, origin: day.origin },
      level: standing ? rule.level : 0,
      at_ms: day.at_ms,
      sentence: `${words[rule.indicator]} of ${day.vehicleId} is ${figure}, ${side} ${limit}, on ${day.day}`,
      runbook: rule.id,
      cause: { kind: "indicator", day: day.day, estimator: day.estimator },
    };
    return [finding];
  });
}

/** undefined between the limit and the mark at which it is over. */
function beyond(value: number, { below, above, clear }: IndicatorRule): boolean | undefined {
  if (below !== undefined) {
    if (value < below) return true;
    return value >= (clear ?? below) ? false : undefined;
  }
  if (value > (above ?? 0)) return true;
  return value <= (clear ?? above ?? 0) ? false : undefined;
}
