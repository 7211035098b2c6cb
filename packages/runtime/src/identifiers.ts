declare const kind: unique symbol;

/** A string of one kind, so that a unit's id is never passed for a vehicle's. */
export type Branded<Kind extends string> = string & { readonly [kind]: Kind };

export type VehicleId = Branded<"VehicleId">;
export type UnitId = Branded<"UnitId">;

/** Lower-case letters, digits and hyphens, 1 to 32 characters, starting with a letter. */
export const identifierPattern: RegExp = /^[a-z][a-z0-9-]{0,31}$/;

/** The id, or undefined where the text is not one. */
export function vehicleId(text: string): VehicleId | undefined {
  return identifierPattern.test(text) ? (text as VehicleId) : undefined;
}

/** The id, or undefined where the text is not one. */
export function unitId(text: string): UnitId | undefined {
  return identifierPattern.test(text) ? (text as UnitId) : undefined;
}
