import { vehiclesMax } from "./served-pack.ts";

/** State of each vehicle, made when the vehicle is first seen; bounded, the one unseen for longest goes. */
export class PerVehicle<T> {
  readonly #make: (vehicleId: string) => T;
  readonly #states = new Map<string, T>();

  constructor(make: (vehicleId: string) => T) {
    this.#make = make;
  }

  of(vehicleId: string): T {
    const state = this.#states.get(vehicleId) ?? this.#make(vehicleId);
    this.#states.delete(vehicleId);
    this.#states.set(vehicleId, state);
    if (this.#states.size > vehiclesMax) {
      for (const oldest of this.#states.keys()) {
        this.#states.delete(oldest);
        break;
      }
    }
    return state;
  }
}
