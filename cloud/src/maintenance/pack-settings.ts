import { type PackDescription, packPresets } from "@voltfog/battery";
import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";

/** What is said of a vehicle's pack; what is left out is as the preset has it. */
export interface PackSetting {
  readonly preset: keyof typeof packPresets;
  readonly cells?: number;
  readonly capacity_Ah?: number;
  /** YYYY-MM-DD; where it is not said, the first day that is known here. */
  readonly firstUse?: string;
  readonly fullCyclesBefore?: number;
  readonly distanceBefore_km?: number;
  readonly distancePerEnergy_km?: number;
}

/** Packs by vehicle, and what holds for the others. */
export interface PackSettings {
  readonly usual: PackSetting;
  readonly packs: ReadonlyMap<string, PackSetting>;
}

export interface PackSettingsProblem {
  readonly code: "PACKS_INVALID";
  readonly detail: string;
}

export const usualPacks: PackSettings = { usual: { preset: "nmc96" }, packs: new Map() };

const vehiclesMax = 100_000;
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  cells: [1, 10_000],
  capacity_Ah: [0.1, 10_000],
  fullCyclesBefore: [0, 100_000],
  distanceBefore_km: [0, 10_000_000],
  distancePerEnergy_km: [0.01, 1000],
};

/** Reads a file of packs {version: 1, usual?, packs?: {vehicle: setting}}. Strict. */
export function parsePackSettings(text: string): Outcome<PackSettings, PackSettingsProblem> {
  const file = fieldsOf(jsonOf(text));
  if (file?.["version"] !== 1) return invalid("it is not of version 1");
  if (Object.keys(file).some((name) => !["version", "usual", "packs"].includes(name))) {
    return invalid("it is not {version, usual?, packs?}");
  }
  const usual = settingOf(file["usual"] ?? usualPacks.usual);
  if (usual === undefined) return invalid("usual is no pack");
  const rows = Object.entries(fieldsOf(file["packs"] ?? {}) ?? { "": 0 });
  if (rows.length > vehiclesMax) return invalid(`it lists more than ${vehiclesMax} packs`);
  const packs = new Map<string, PackSetting>();
  for (const [vehicleId, value] of rows) {
    const setting = settingOf(value);
    if (!identifierPattern.test(vehicleId) || setting === undefined) {
      return invalid(`the pack of ${JSON.stringify(vehicleId)} is none`);
    }
    packs.set(vehicleId, setting);
  }
  return accepted({ usual, packs });
}

/** The description that estimators take. */
export function packOf(setting: PackSetting, firstDay_ms: number): PackDescription {
  const preset = packPresets[setting.preset];
  const { firstUse } = setting;
  return {
    cell: preset.cell,
    cells: setting.cells ?? preset.cells,
    capacity_Ah: setting.capacity_Ah ?? preset.capacity_Ah,
    firstUse_ms: firstUse === undefined ? firstDay_ms : Date.parse(`${firstUse}T00:00:00Z`),
    fullCyclesBefore: setting.fullCyclesBefore ?? 0,
    distanceBefore_km: setting.distanceBefore_km ?? 0,
    distancePerEnergy_km: setting.distancePerEnergy_km,
  };
}

function settingOf(value: unknown): PackSetting | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined || !Object.hasOwn(packPresets, String(fields["preset"])))
    return undefined;
  const isSound = Object.entries(fields).every(
    ([name, given]) => name === "preset" || isGood(name, given),
  );
  return isSound ? (fields as unknown as PackSetting) : undefined;
}

function isGood(name: string, given: unknown): boolean {
  if (name === "firstUse") {
    const isDay = typeof given === "string" && /^\d{4}-\d{2}-\d{2}$/.test(given);
    return isDay && !Number.isNaN(Date.parse(given));
  }
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
  return range !== undefined && typeof given === "number" && given >= range[0] && given <= range[1];
}

function invalid(detail: string): { readonly ok: false; readonly problem: PackSettingsProblem } {
  return refused({ code: "PACKS_INVALID", detail });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
