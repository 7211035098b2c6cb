import type { DailyIndicators } from "@voltfog/battery";
import type { DayFigures as WatchedDay } from "../alerts/find-alerts.ts";
import type { IssuedDay } from "./indicator-store.ts";

const day_ms = 86_400_000;

/** The figures of a day as alert rules watch them; null where one is not known. */
export function alertFiguresOf(
  row: Pick<IssuedDay, "vehicleId" | "origin">,
  day: Omit<DailyIndicators, "carried">,
): WatchedDay {
  const { name, version } = day.estimator;
  return {
    vehicleId: row.vehicleId,
    day: day.day,
    at_ms: Date.parse(day.day) + day_ms,
    estimator: `${name} ${version}`,
    origin: row.origin,
    figures: {
      soh: day.soh?.value ?? null,
      resistance_Ohm: day.resistance_Ohm?.value ?? null,
      imbalance_mV: day.imbalance_mV,
      temperatureSpread_K: day.temperatureSpread_K,
      anomalyScore: day.anomalyScore,
      safetyScore: day.safetyScore,
      remainingLife_d: day.remainingLife?.days.value ?? null,
    },
  };
}
