import type { Clock } from "@voltfog/runtime";

/** What no honest vehicle does. */
export const offences = [
  /** A frame that names the vehicle's key and is not signed by it. */
  "SIGNATURE_FORGED",
  /** A frame or a topic of another vehicle. */
  "VEHICLE_FOREIGN",
  /** Two frames in one place of its chain. */
  "CHAIN_FORKED",
  /** The same frame for the third time over one connection. */
  "FRAME_REPLAYED",
  /** Held at its rate limit for long, mostly with what are no frames, or with more than an outbox holds. */
  "FLOODING",
] as const;

export type Offence = (typeof offences)[number];

/** A vehicle went over the budget of an offence. */
export interface Verdict {
  readonly vehicleId: string;
  readonly offence: Offence;
  /** How often within the window; for a flood, seconds. */
  readonly count: number;
  readonly budget: number;
}

/** Offences are counted over this time. */
export const window_ms = 60_000;
/** An honest agent sends a frame once over a connection; software in between may repeat a few. */
const replaysMax = 32;
/** Repeated frames remembered of one connection. */
const repeatsMax = 4096;
/** Seconds in a row at the limit before what came in them is looked at. */
const floodMin_s = 10;
/** Seconds without a wait that end a row. */
const floodPause_s = 2;
/** Packets that may be read and not judged yet. */
const underWayMax = 64;
/** Ten times the outbox of an agent with its usual limit of a million samples. */
const backlogMax_bytes = 1_073_741_824;

interface Row {
  readonly packets: number;
  readonly length_bytes: number;
  readonly explained: number;
  seconds: number;
  last_s: number;
}

interface Vehicle {
  readonly times_ms: Map<Offence, number[]>;
  /** Commitments of frames that came again over this connection. */
  readonly repeats: Set<string>;
  /** Messages that an honest agent may send. */
  explained: number;
  row: Row | undefined;
}

/**
 * Counts what vehicles do that no honest one does, and says when one went over its budget. Refused frames
 * of other kinds count for nothing: a wrong clock, a key that the unit has not heard of, readings out of
 * range, and frames sent again after a reconnect are mishaps.
 */
export class Conduct {
  readonly #clock: Clock;
  readonly #budget: number;
  readonly #vehicles = new Map<string, Vehicle>();

  /** `budget` forged, foreign or forking frames within a minute are too many; 0 judges nobody. */
  constructor(options: { clock: Clock; budget: number }) {
    this.#clock = options.clock;
    this.#budget = options.budget;
  }

  /** A new connection: frames may come again once. */
  connected(vehicleId: string): void {
    this.#vehicles.get(vehicleId)?.repeats.clear();
  }

  /** A frame that an honest agent may send, whatever becomes of it. What else agents send is little. */
  explained(vehicleId: string): void {
    this.#of(vehicleId).explained += 1;
  }

  /** One frame that no honest agent sends. */
  offended(vehicleId: string, offence: Exclude<Offence, "FLOODING">): Verdict | undefined {
    if (this.#budget === 0) return undefined;
    const budget = offence === "FRAME_REPLAYED" ? replaysMax : this.#budget;
    const now_ms = this.#clock.monotonic_ms();
    const { times_ms } = this.#of(vehicleId);
    const recent = (times_ms.get(offence) ?? []).filter((at_ms) => now_ms - at_ms < window_ms);
    recent.push(now_ms);
    times_ms.set(offence, recent.slice(-budget));
    if (recent.length < budget) return undefined;
    return { vehicleId, offence, count: recent.length, budget };
  }

  /** A frame that the log holds already. The first time over a connection is a resend. */
  repeated(vehicleId: string, commitment: string): Verdict | undefined {
    const vehicle = this.#of(vehicleId);
    if (vehicle.repeats.has(commitment)) return this.offended(vehicleId, "FRAME_REPLAYED");
    if (vehicle.repeats.size < repeatsMax) vehicle.repeats.add(commitment);
    vehicle.explained += 1;
    return undefined;
  }

  /** Its connections wait at the limit; `spent` is all that was ever read of it. */
  throttled(
    vehicleId: string,
    spent: { packets: number; length_bytes: number },
  ): Verdict | undefined {
    if (this.#budget === 0) return undefined;
    const vehicle = this.#of(vehicleId);
    const now_s = Math.floor(this.#clock.monotonic_ms() / 1000);
    if (vehicle.row === undefined || now_s - vehicle.row.last_s > floodPause_s) {
      vehicle.row = { ...spent, explained: vehicle.explained, seconds: 1, last_s: now_s };
      return undefined;
    }
    const { row } = vehicle;
    if (now_s === row.last_s) return undefined;
    row.seconds += 1;
    row.last_s = now_s;
    if (row.seconds < floodMin_s) return undefined;
    const packets = spent.packets - row.packets;
    const explained = vehicle.explained - row.explained;
    const isUseless = packets > 2 * explained + underWayMax;
    if (!isUseless && spent.length_bytes - row.length_bytes < backlogMax_bytes) return undefined;
    return { vehicleId, offence: "FLOODING", count: row.seconds, budget: floodMin_s };
  }

  /** Everything against it is forgotten: an operator let it back in. */
  forget(vehicleId: string): void {
    this.#vehicles.delete(vehicleId);
  }

  /** Only enrolled vehicles get here, so the list of them is the bound. */
  #of(vehicleId: string): Vehicle {
    const known = this.#vehicles.get(vehicleId);
    if (known !== undefined) return known;
    const fresh: Vehicle = {
      times_ms: new Map(),
      repeats: new Set(),
      explained: 0,
      row: undefined,
    };
    this.#vehicles.set(vehicleId, fresh);
    return fresh;
  }
}
