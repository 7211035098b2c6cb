import {
  decodeState,
  type MalformedProblem,
  type Movable,
  type Outcome,
  type SavedState,
} from "@voltfog/runtime";
import { vehiclesMax } from "./served-pack.ts";

/**
 * State of each vehicle, made when the vehicle is first seen; bounded, the one unseen for longest goes. Each can
 * be taken along to another unit.
 */
export class PerVehicle<T extends Movable> {
  readonly #make: (vehicleId: string) => T;
  readonly #states = new Map<string, T>();

  constructor(make: (vehicleId: string) => T) {
    this.#make = make;
  }

  of(vehicleId: string): T {
    return this.#keep(vehicleId, this.#states.get(vehicleId) ?? this.#make(vehicleId));
  }

  stateOf(vehicleId: string): SavedState | undefined {
    return this.#states.get(vehicleId)?.save();
  }

  adopt(vehicleId: string, state: unknown): Outcome<void, MalformedProblem> {
    const decoded = decodeState(state, (reader) => {
      const made = this.#make(vehicleId);
      made.restore(reader);
      return made;
    });
    if (!decoded.ok) return decoded;
    this.#keep(vehicleId, decoded.value);
    return { ok: true, value: undefined };
  }

  #keep(vehicleId: string, state: T): T {
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
