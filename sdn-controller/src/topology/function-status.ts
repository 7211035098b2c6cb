import { isId, isWithin, listOf } from "./checks.ts";

/** A number of a function that may be changed while it runs, within its bounds. */
export interface DeclaredSetting {
  readonly name: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

export type LatencyClass = "alert" | "control" | "bulk";

/** One function of one unit: what it costs, what can be set, whose state it holds and how it is. */
export interface FunctionStatus {
  readonly id: string;
  readonly version: string;
  readonly versions: readonly string[];
  readonly latencyClass: LatencyClass;
  /** Share of one core, and memory, that one vehicle costs. */
  readonly cpuPerVehicle: number;
  readonly memoryPerVehicle_MB: number;
  readonly declares: readonly DeclaredSetting[];
  /** Vehicles whose state is held here, to take over at once. */
  readonly held: readonly string[];
  /** Null where the unit does not say that it keeps copies. */
  readonly standby: readonly string[] | null;
  readonly samplesShed: number;
  readonly backlog: number;
}

const functionsMax = 64;
const vehiclesMax = 100_000;
const settingsMax = 64;
const latencyClasses: readonly string[] = ["alert", "control", "bulk"];

/** The functions that can be read; others are left out. */
export function readFunctions(value: unknown): readonly FunctionStatus[] {
  return listOf(value, functionsMax).flatMap(readFunction);
}

function readFunction(value: unknown): FunctionStatus[] {
  if (typeof value !== "object" || value === null) return [];
  const said = value as { readonly [key: string]: unknown };
  const { id, version, latencyClass, health } = said;
  if (typeof id !== "string" || id.length > 64 || typeof version !== "string") return [];
  const { samplesShed, backlog } = (health ?? {}) as { samplesShed?: unknown; backlog?: unknown };
  const copies = Array.isArray(said["standby"]) ? listOf(said["standby"], vehiclesMax) : null;
  const isClass = latencyClasses.includes(String(latencyClass));
  const most = Number.MAX_SAFE_INTEGER;
  return [
    {
      ...{ id, version },
      versions: listOf(said["versions"], 64).filter((one) => typeof one === "string"),
      latencyClass: isClass ? (latencyClass as LatencyClass) : "bulk",
      cpuPerVehicle: isWithin(said["cpuPerVehicle"], 1) ? said["cpuPerVehicle"] : 0,
      memoryPerVehicle_MB: isWithin(said["memoryPerVehicle_MB"], 1e6)
        ? said["memoryPerVehicle_MB"]
        : 0,
      declares: listOf(said["declares"], settingsMax).flatMap(readSetting),
      held: copies?.flatMap(heldVehicle) ?? [],
      standby: copies?.flatMap(standbyVehicle) ?? null,
      samplesShed: isWithin(samplesShed, most) ? samplesShed : 0,
      backlog: isWithin(backlog, most) ? backlog : 0,
    },
  ];
}

function readSetting(value: unknown): DeclaredSetting[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, default: usual, min, max, unit } = value as { readonly [key: string]: unknown };
  if (typeof name !== "string" || typeof unit !== "string") return [];
  if (![usual, min, max].every(Number.isFinite)) return [];
  const setting = { name, default: usual as number, min: min as number, max: max as number, unit };
  return setting.min <= setting.default && setting.default <= setting.max ? [setting] : [];
}

function standbyVehicle(value: unknown): string[] {
  const { vehicleId } = (value ?? {}) as { vehicleId?: unknown };
  return isId(vehicleId) ? [vehicleId] : [];
}

function heldVehicle(value: unknown): string[] {
  const { held } = (value ?? {}) as { held?: unknown };
  return held === true ? standbyVehicle(value) : [];
}
