import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";

export interface VehicleFleetsProblem {
  readonly code: "VEHICLES_INVALID";
  readonly detail: string;
}

/** As many as a unit takes. */
const vehiclesMax = 100_000;

/**
 * Fleets by vehicle, from the file of enrolled vehicles [{id, key, salt, fleet?}]. A vehicle without a
 * fleet is left out. Whose a vehicle is must not be guessed: one row that is no vehicle, or names no
 * identifier as its fleet, refuses the whole file.
 */
export function parseVehicleFleets(
  text: string,
): Outcome<ReadonlyMap<string, string>, VehicleFleetsProblem> {
  const rows = jsonOf(text);
  if (!Array.isArray(rows)) return invalid("it is no JSON list");
  if (rows.length > vehiclesMax) return invalid(`it lists more than ${vehiclesMax} vehicles`);
  const fleets = new Map<string, string>();
  for (const [place, row] of rows.entries()) {
    if (typeof row !== "object" || row === null) return invalid(`entry ${place} is no vehicle`);
    const { id, fleet } = row as Record<string, unknown>;
    if (!isIdentifier(id)) return invalid(`entry ${place} has no id`);
    if (fleet === undefined) continue;
    if (!isIdentifier(fleet)) return invalid(`the fleet of entry ${place} is no identifier`);
    if (fleets.has(id)) return invalid(`entry ${place} repeats a vehicle`);
    fleets.set(id, fleet);
  }
  return accepted(fleets);
}

function invalid(detail: string): { readonly ok: false; readonly problem: VehicleFleetsProblem } {
  return refused({ code: "VEHICLES_INVALID", detail });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && identifierPattern.test(value);
}
