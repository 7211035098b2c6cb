import type { Clock, Logger } from "@voltfog/runtime";
import { type FunctionState, vehiclesPerCall } from "./function-state.ts";
import type { StateSource } from "./peer-states.ts";

/** How old a copy gets at most while its source answers. */
const interval_ms = 1000;
/** A source that has not answered by then is asked again with the next round. */
const limit_ms = 900;
/** Vehicles of which copies are kept, and bytes of them; what is beyond is not held, and the status says so. */
const vehiclesMax = 2000;
const copiesMax_bytes = 134_217_728;

/** Copies of one vehicle, as its source had them at one time. */
export interface VehicleCopies {
  readonly from: string;
  /** When they came, by this unit's monotonic clock. */
  readonly taken_ms: number;
  readonly states: readonly FunctionState[];
}

/** One vehicle of which the unit keeps a copy of a function's state. */
export interface StandbyStatus {
  readonly vehicleId: string;
  /** The unit that the state is fetched from; null while the assignment names none. */
  readonly from: string | null;
  /** When the copy was made, by its maker's clock; null where the source keeps nothing of the vehicle. */
  readonly at_ms: number | null;
  /** The source has answered, so there is a copy of all that it keeps. */
  readonly held: boolean;
}

/** Keeps the newest states of the vehicles that this unit stands by for, at most a second old. */
export class StandbyCopies {
  readonly #source: StateSource;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #copies = new Map<string, VehicleCopies>();
  readonly #busy = new Set<string>();
  #wanted: ReadonlyMap<string, string> = new Map();
  #held_bytes = 0;
  #cancel: () => void = () => {};

  constructor(options: { source: StateSource; clock: Clock; logger: Logger }) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  start(): void {
    this.#cancel = this.#clock.after(interval_ms, () => {
      this.start();
      void this.refresh();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Stands by for these vehicles, each with the unit that its states come from, and for no other. */
  want(wanted: ReadonlyMap<string, string>): void {
    this.#wanted = new Map([...wanted].slice(0, vehiclesMax));
    if (wanted.size > vehiclesMax) {
      this.#logger.warn("more standbys than a unit keeps", { asked: wanted.size, vehiclesMax });
    }
    for (const [vehicleId, { from }] of this.#copies) {
      if (this.#wanted.get(vehicleId) !== from) this.#forget(vehicleId);
    }
    void this.refresh();
  }

  of(vehicleId: string): VehicleCopies | undefined {
    return this.#copies.get(vehicleId);
  }

  /** What a function's standby of one vehicle has; a source that keeps nothing of it leaves nothing to hold. */
  statusOf(vehicleId: string, functionId: string): StandbyStatus {
    const from = this.#wanted.get(vehicleId) ?? null;
    const copies = this.#copies.get(vehicleId);
    const state = copies?.states.find((one) => one.functionId === functionId);
    return { vehicleId, from, at_ms: state?.at_ms ?? null, held: copies !== undefined };
  }

  /** Asks every source once; one that is still answering is left out. */
  async refresh(): Promise<void> {
    const bySource = new Map<string, string[]>();
    for (const [vehicleId, from] of this.#wanted) {
      bySource.set(from, [...(bySource.get(from) ?? []), vehicleId]);
    }
    await Promise.all([...bySource].map(([unitId, vehicles]) => this.#ask(unitId, vehicles)));
  }

  async #ask(unitId: string, vehicles: readonly string[]): Promise<void> {
    if (this.#busy.has(unitId)) return;
    this.#busy.add(unitId);
    for (let at = 0; at < vehicles.length; at += vehiclesPerCall) {
      const asked = vehicles.slice(at, at + vehiclesPerCall);
      const states = await this.#source.states({ unitId, vehicles: asked, limit_ms });
      // One that is silent is not asked for the rest: the next round tries again.
      if (states === undefined) break;
      for (const vehicleId of asked) this.#keep(vehicleId, { unitId, states });
    }
    this.#busy.delete(unitId);
  }

  #keep(vehicleId: string, answer: { unitId: string; states: readonly FunctionState[] }): void {
    const { unitId: from } = answer;
    if (this.#wanted.get(vehicleId) !== from) return;
    const states = answer.states.filter((state) => state.vehicleId === vehicleId);
    this.#forget(vehicleId);
    const added_bytes = bytesOf(states);
    if (this.#held_bytes + added_bytes > copiesMax_bytes) return;
    this.#held_bytes += added_bytes;
    this.#copies.set(vehicleId, { from, taken_ms: this.#clock.monotonic_ms(), states });
  }

  #forget(vehicleId: string): void {
    this.#held_bytes -= bytesOf(this.#copies.get(vehicleId)?.states ?? []);
    this.#copies.delete(vehicleId);
  }
}

function bytesOf(states: readonly FunctionState[]): number {
  return states.reduce((sum, { state }) => sum + state.length, 0);
}
