import type { Signer } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { Field, FieldValues } from "./operation.ts";
import type { TradeSession } from "./trade-session.ts";

/** Which vehicle it is, by the file of its device key. */
export const vehicleField: Field = {
  ...{ name: "vehicleKey", value: "file", fallback: "" },
  summary: "the vehicle's device key [the one that was linked]",
  question: "File of the vehicle's device key (empty: the one that was linked)",
};

/**
 * The key of the vehicle whose file is named; without one the key that the wallet remembers of this vehicle,
 * or of the only one that was linked. VEHICLE_NOT_LINKED, KEY_UNREADABLE.
 */
export function vehicleOf(session: TradeSession, values: FieldValues, key?: string): Signer {
  const named = values["vehicleKey"] ?? "";
  const { vehicles } = session.note;
  const linked = Object.values(vehicles);
  const known = key === undefined ? undefined : vehicles[key];
  const file = named === "" ? (known ?? (linked.length === 1 ? linked[0] : undefined)) : named;
  if (file !== undefined) return loadSigningKey(file);
  throw complaint({
    code: "VEHICLE_NOT_LINKED",
    what: `${linked.length} vehicles were linked here, and none is named`,
    remedy: "link one with voltfog trade link, or name its key with --vehicle-key",
  });
}
