import { isId, listOf } from "./checks.ts";

/** What a pack does, as its unit sees it. */
export type Activity = "charging" | "driving" | "resting";

/** The newest reading of one vehicle's pack, in the few numbers that functions are chosen by. */
export interface PackReading {
  readonly vehicleId: string;
  readonly at_ms: number;
  /** Null where the pack has no sensor. */
  readonly temperatureMax_degC: number | null;
  readonly spread_mV: number;
  readonly activity: Activity;
  /** Alarms of this vehicle that are open. */
  readonly alerts: number;
}

const packsMax = 100_000;
const activities: readonly string[] = ["charging", "driving", "resting"];

/** The readings that can be read; others are left out. */
export function readPacks(value: unknown): readonly PackReading[] {
  return listOf(value, packsMax).flatMap(readPack);
}

function readPack(value: unknown): PackReading[] {
  if (typeof value !== "object" || value === null) return [];
  const said = value as { readonly [K in keyof PackReading]?: unknown };
  const { vehicleId, at_ms, temperatureMax_degC, spread_mV, activity, alerts } = said;
  if (!isId(vehicleId) || !isNumber(at_ms) || !isNumber(spread_mV)) return [];
  if (!activities.includes(String(activity))) return [];
  return [
    {
      ...{ vehicleId, at_ms, spread_mV },
      temperatureMax_degC: isNumber(temperatureMax_degC) ? temperatureMax_degC : null,
      activity: activity as Activity,
      alerts: isNumber(alerts) ? alerts : 0,
    },
  ];
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
