import type { UnitRoom } from "../solver/placement-problem.ts";
import type { Loads, Need, PlacementRules, UnitView } from "./decision-facts.ts";

/** What a unit of which nothing is known counts with: more than anything asks for. */
const unbounded = 1e9;

/** What every unit has left, by its place in the list, while one decision after the other takes of it. */
export class RoomLeft {
  readonly #cpu: Float64Array;
  readonly #memory_MB: Float64Array;
  readonly #places: Int32Array;
  /** Vehicles on each unit by now. */
  readonly vehicles: Int32Array;

  constructor(options: { units: readonly UnitView[]; loads: Loads; rules: PlacementRules }) {
    const { units, loads, rules } = options;
    this.#cpu = new Float64Array(units.length);
    this.#memory_MB = new Float64Array(units.length);
    this.#places = new Int32Array(units.length);
    this.vehicles = new Int32Array(units.length);
    for (const [j, { id, capacity }] of units.entries()) {
      const used = loads.used?.get(id);
      const vehicles = loads.vehicles.get(id) ?? 0;
      this.#cpu[j] = (capacity?.cpu ?? unbounded) - (used?.cpu ?? 0);
      this.#memory_MB[j] = (capacity?.memory_MB ?? unbounded) - (used?.memory_MB ?? 0);
      this.#places[j] = rules.vehiclesPerUnitMax - vehicles;
      this.vehicles[j] = vehicles;
    }
  }

  /** A unit as the solver takes it. */
  at(j: number, { id, zone }: { readonly id: string; readonly zone: string }): UnitRoom {
    const [cpu, memory] = [this.#cpu[j] ?? 0, this.#memory_MB[j] ?? 0];
    return { id, zone, cpu, memory, functionsMax: this.#places[j] ?? 0 };
  }

  take(j: number, need: Need): void {
    this.#change(j, need, -1);
  }

  /** Gives back what a vehicle uses, so that it can stay, also where more is used than there is. */
  free(j: number, need: Need): void {
    this.#cpu[j] = Math.max(0, this.#cpu[j] ?? 0);
    this.#memory_MB[j] = Math.max(0, this.#memory_MB[j] ?? 0);
    this.#places[j] = Math.max(0, this.#places[j] ?? 0);
    this.#change(j, need, 1);
  }

  #change(j: number, { cpu, memory_MB }: Need, sign: 1 | -1): void {
    this.#cpu[j] = (this.#cpu[j] ?? 0) + sign * cpu;
    this.#memory_MB[j] = (this.#memory_MB[j] ?? 0) + sign * memory_MB;
    this.#places[j] = (this.#places[j] ?? 0) + sign;
    this.vehicles[j] = (this.vehicles[j] ?? 0) - sign;
  }
}
