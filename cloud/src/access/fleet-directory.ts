import type { Clock, Logger } from "@voltfog/runtime";
import { FollowedFile } from "./followed-file.ts";
import { parseVehicleFleets } from "./vehicle-fleets.ts";

/** What a caller may see: everything where the fleet is undefined. */
export type Fleet = string | undefined;

/**
 * Whose each vehicle is, from the file of enrolled vehicles, followed while the process runs. No file is
 * no fleet. A file that becomes damaged changes nothing; at the start it is VEHICLES_INVALID.
 */
export class FleetDirectory {
  readonly #file: FollowedFile<ReadonlyMap<string, string>>;

  constructor(path: string, ports: { clock: Clock; logger: Logger }) {
    this.#file = new FollowedFile<ReadonlyMap<string, string>>({
      ...{ path, absent: new Map(), read: parseVehicleFleets, name: "fleets" },
      ...{ code: "VEHICLES_INVALID", remedy: "restore the site's list of vehicles" },
      ...ports,
    });
  }

  start(): void {
    this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }

  fleetOf(vehicleId: string): Fleet {
    return this.#file.value.get(vehicleId);
  }

  /** Whether who belongs to this fleet may see the vehicle. */
  sees(fleet: Fleet, vehicleId: string): boolean {
    return fleet === undefined || this.fleetOf(vehicleId) === fleet;
  }

  /** The vehicles of a fleet; undefined for who sees every vehicle. Costs a pass over all vehicles. */
  vehiclesOf(fleet: Fleet): readonly string[] | undefined {
    if (fleet === undefined) return undefined;
    return [...this.#file.value].filter(([, name]) => name === fleet).map(([id]) => id);
  }
}
