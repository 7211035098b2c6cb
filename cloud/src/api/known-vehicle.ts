import { type ApiContext, unknownVehicle } from "./api-context.ts";
import type { VehicleView } from "./responses.ts";

/** What a vehicle shows now; refuses VEHICLE_UNKNOWN for one that no log has a frame of. */
export function knownVehicle(context: ApiContext, id: string): VehicleView {
  const view = context.views.vehicle(id);
  if (view === undefined) throw unknownVehicle(id);
  return view;
}
