import { type Random, toHex } from "@voltfog/runtime";
import type { Terms } from "./terms.ts";

/** What GET /v1/heartbeat says: who this process is, whom it obeys, and whether there is more to ask for. */
export interface HeartbeatView {
  readonly id: string;
  /** Random per start, so that a new process is never taken for the old one. */
  readonly incarnation: string;
  readonly term: number;
  readonly leader: { readonly id: string; readonly silent_ms: number } | null;
  /** Vehicles connected now. */
  readonly connected: number;
  /** Grows whenever other vehicles are connected. */
  readonly connectedVersion: number;
  /** Grows whenever the status has something new for a controller besides. */
  readonly stateVersion: number;
}

/** The unit's pulse. Cost: vehicles connected, to see whether they are still the same. */
export class Heartbeat {
  readonly #options: {
    id: string;
    terms: Terms;
    connectedVehicles: () => readonly string[];
    stateVersion: () => number;
  };
  readonly #incarnation: string;
  #connected = "";
  #connectedVersion = 0;

  constructor(options: {
    id: string;
    terms: Terms;
    random: Random;
    connectedVehicles: () => readonly string[];
    stateVersion: () => number;
  }) {
    this.#options = options;
    this.#incarnation = toHex(options.random.bytes(8));
  }

  get view(): HeartbeatView {
    const { id, terms, connectedVehicles, stateVersion } = this.#options;
    const vehicles = connectedVehicles();
    const connected = vehicles.toSorted().join(" ");
    if (connected !== this.#connected) {
      this.#connected = connected;
      this.#connectedVersion += 1;
    }
    const { leader } = terms;
    return {
      id,
      incarnation: this.#incarnation,
      term: terms.term,
      leader: leader && { id: leader.id, silent_ms: leader.silent_ms },
      connected: vehicles.length,
      connectedVersion: this.#connectedVersion,
      stateVersion: stateVersion(),
    };
  }
}
