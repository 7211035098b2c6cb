import type { Attachment } from "./review-attachments.ts";

/** One function on one unit with the vehicles that it serves there. */
export interface FunctionPlacement {
  readonly functionId: string;
  readonly unitId: string;
  readonly vehicles: readonly string[];
}

/** Every function runs for every vehicle on the unit that the vehicle is attached to. Sorted, so that equal plans compare equal. */
export function placeFunctions(options: {
  functions: readonly string[];
  attachments: Iterable<Attachment>;
}): readonly FunctionPlacement[] {
  const vehiclesOf = new Map<string, string[]>();
  for (const { vehicleId, unitId } of options.attachments) {
    const vehicles = vehiclesOf.get(unitId) ?? [];
    vehicles.push(vehicleId);
    vehiclesOf.set(unitId, vehicles);
  }
  const units = [...vehiclesOf.keys()].sort();
  return options.functions.flatMap((functionId) =>
    units.map((unitId) => ({
      functionId,
      unitId,
      vehicles: (vehiclesOf.get(unitId) ?? []).toSorted(),
    })),
  );
}

/** What one unit is told: the functions it runs and for whom. */
export interface UnitAssignment {
  readonly version: number;
  readonly functions: readonly { readonly id: string; readonly vehicles: readonly string[] }[];
}

/** A unit without vehicles is told its functions with empty lists, so that it lets go of the old ones. */
export function assignmentOf(options: {
  unitId: string;
  version: number;
  functions: readonly string[];
  placements: readonly FunctionPlacement[];
}): UnitAssignment {
  return {
    version: options.version,
    functions: options.functions.map((id) => ({
      id,
      vehicles:
        options.placements.find((one) => one.functionId === id && one.unitId === options.unitId)
          ?.vehicles ?? [],
    })),
  };
}
