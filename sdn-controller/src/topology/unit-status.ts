import { identifierPattern } from "@voltfog/runtime";

/** The part of a unit's GET /v1/status that placement needs. */
export interface UnitStatus {
  readonly id: string;
  readonly connectedVehicles: readonly string[];
}

/** Vehicles that one status may name; a longer list is refused as malformed. */
const vehiclesMax = 100_000;

/** The status in a JSON answer, or undefined where it is anything else. Other fields are ignored. */
export function readUnitStatus(answer: unknown): UnitStatus | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { id, connectedVehicles } = answer as { id?: unknown; connectedVehicles?: unknown };
  if (typeof id !== "string" || !Array.isArray(connectedVehicles)) return undefined;
  if (connectedVehicles.length > vehiclesMax) return undefined;
  const isVehicle = (item: unknown): item is string =>
    typeof item === "string" && identifierPattern.test(item);
  return connectedVehicles.every(isVehicle) ? { id, connectedVehicles } : undefined;
}
