import type { Clock, Logger } from "@voltfog/runtime";
import type { UnitView } from "../placement/decision-facts.ts";
import type { TrustedCapacity } from "./trusted-capacity.ts";
import type { Claim, UnitClient } from "./unit-client.ts";
import type { UnitHeartbeat } from "./unit-heartbeat.ts";
import type { Resources, UnitStatus } from "./unit-status.ts";
import type { Uplinks, UplinkView } from "./uplinks.ts";

/** Heartbeats before the first decision: one round trip alone says little. */
const firstBeats = 3;
/** A miss that comes sooner is a refused connection, not one that got no answer. */
const refusedWithin_ms = 100;

/** One unit as GET /v1/topology shows it. */
export interface UnitHealth {
  readonly id: string;
  readonly alive: boolean;
  /** Not heard since this controller started or was itself cut off, and not yet taken for dead. */
  readonly unknown: boolean;
  readonly incarnation: string | null;
  readonly latency_ms: number | null;
  readonly uplinks: readonly UplinkView[];
  readonly lastSeen_ms: number | null;
  readonly connectedVehicles: number;
  readonly zone: string | null;
  /** What of the unit's own figures is believed, and if not all, why. */
  readonly capacity: Resources | null;
  readonly complaint: string | null;
}

/**
 * Watches one unit: unknown at first, alive from its first answer until so many heartbeats in a row went
 * unanswered, and dead then, or when no first answer came within the grace. The grace begins again where it
 * was this controller that heard nobody. A process that was first heard less than a grace ago is starting: it
 * may stand still, and is dead only when nobody listens there. What it says in its status is asked for when a
 * heartbeat says that there is something new.
 */
export class UnitMonitor {
  readonly id: string;
  readonly #uplinks: Uplinks;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #missesMax: number;
  readonly #heldUp_ms: number;
  readonly #capacity: TrustedCapacity;
  readonly #zone: string | null;
  #started = 0;
  /** The latest heartbeat that was answered, and the misses of later ones. */
  #answered = 0;
  #ended = 0;
  #misses = 0;
  #alive = false;
  #lastSeen_ms: number | null = null;
  #beat: UnitHeartbeat | undefined;
  #status: UnitStatus | undefined;
  #statusOf: UnitHeartbeat | undefined;
  #refreshing: Promise<void> | undefined;
  #held: ReadonlySet<string> = new Set();
  #isObserved = false;
  #wasRefused = false;
  readonly #unknownGrace_ms: number;
  #knownBy_ms: number;
  /** The process that answers now was new until then. */
  #startsUntil_ms = 0;
  /** Whether anything says that it lived since the grace began. */
  #isHeard = false;

  constructor(options: {
    id: string;
    uplinks: Uplinks;
    missesMax: number;
    /** A heartbeat without an answer for longer was not the unit's fault: this process stood still. */
    heldUp_ms: number;
    /** From now on a unit without a first answer is unknown for so long. */
    unknownGrace_ms: number;
    capacity: TrustedCapacity;
    /** As the list of units has it; null where the unit itself says. */
    zone: string | null;
    clock: Clock;
    logger: Logger;
  }) {
    this.id = options.id;
    this.#uplinks = options.uplinks;
    this.#missesMax = options.missesMax;
    this.#heldUp_ms = options.heldUp_ms;
    this.#unknownGrace_ms = options.unknownGrace_ms;
    this.#knownBy_ms = options.clock.monotonic_ms() + options.unknownGrace_ms;
    this.#capacity = options.capacity;
    this.#zone = options.zone;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** One heartbeat; several may be under way. Gives the answer, or undefined for a miss. */
  async beat(claim: Claim | undefined): Promise<UnitHeartbeat | undefined> {
    const number = ++this.#started;
    const start_ms = this.#clock.monotonic_ms();
    try {
      const beat = await this.#uplinks.heartbeat(claim);
      this.#heard(beat, number);
      return beat;
    } catch {
      const spent_ms = this.#clock.monotonic_ms() - start_ms;
      const wasHeldUp = spent_ms > this.#heldUp_ms;
      this.#wasRefused = spent_ms < refusedWithin_ms;
      if (number > this.#answered && !wasHeldUp) this.#missed();
      return undefined;
    } finally {
      this.#ended += 1;
    }
  }

  /** Whether the latest miss came at once: nobody listens, which is not the silence of a slow network. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  #heard(beat: UnitHeartbeat, number: number): void {
    this.#wasRefused = false;
    this.#answered = Math.max(this.#answered, number);
    this.#lastSeen_ms = this.#clock.wall_ms();
    this.#misses = 0;
    const isNew = this.#beat?.incarnation !== beat.incarnation;
    if (!this.#alive || isNew) this.#logger.info("unit answers", { unit: this.id });
    if (isNew) {
      this.#status = undefined;
      this.#startsUntil_ms = this.#clock.monotonic_ms() + this.#unknownGrace_ms;
    }
    this.#beat = beat;
    this.#alive = true;
    this.#isHeard = true;
  }

  /** Its silence says nothing of it: this controller was cut off until now. A unit that answers stays alive. */
  excuse(): void {
    if (this.#alive) return;
    this.#isHeard = false;
    this.#knownBy_ms = this.#clock.monotonic_ms() + this.#unknownGrace_ms;
  }

  #missed(): void {
    this.#misses += 1;
    if (!this.#alive || this.#misses < this.#missesMax) return;
    if (!this.#wasRefused && this.#clock.monotonic_ms() < this.#startsUntil_ms) return;
    this.#alive = false;
    this.#status = undefined;
    this.#logger.warn("unit is dead", { unit: this.id, misses: this.#misses });
  }

  /** True when the unit's heartbeat says that the status held here is no longer all there is. */
  get hasNews(): boolean {
    if (!this.#alive || this.#beat === undefined) return false;
    const seen = this.#statusOf;
    return (
      this.#status === undefined ||
      seen?.connectedVersion !== this.#beat.connectedVersion ||
      seen.stateVersion !== this.#beat.stateVersion
    );
  }

  /** Asks for the status of a unit that is alive; one question at a time. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    if (!this.#alive) return;
    const beat = this.#beat;
    try {
      const status = await this.#uplinks.client.status();
      if (beat?.incarnation !== this.#beat?.incarnation || !this.#alive) return;
      this.#status = status;
      this.#statusOf = beat;
      this.#held = heldIn(status);
    } catch {
      this.#logger.debug("no status", { unit: this.id }); // Whether it lives the heartbeats say.
    }
  }

  get client(): UnitClient {
    return this.#uplinks.client;
  }

  /** Of the process that answers now; a new one knows no assignment. */
  get incarnation(): string | null {
    return this.#beat?.incarnation ?? null;
  }

  /** The newest heartbeat of a unit that is alive. */
  get heartbeat(): UnitHeartbeat | undefined {
    return this.#alive ? this.#beat : undefined;
  }

  get status(): UnitStatus | undefined {
    return this.#status;
  }

  /** True once it is known whether the unit lives, and if so what it says. */
  get isObserved(): boolean {
    this.#isObserved ||= this.#ended >= firstBeats && (!this.#alive || this.#status !== undefined);
    return this.#isObserved;
  }

  get latency_ms(): number | undefined {
    return this.#uplinks.latency_ms;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** A unit that starts later than the controller is not a dead one; which of both, the grace shows. */
  get isUnknown(): boolean {
    return !this.#isHeard && this.#clock.monotonic_ms() < this.#knownBy_ms;
  }

  view(): UnitView {
    const status = this.#status;
    const held = this.#held;
    return {
      id: this.id,
      alive: this.#alive,
      unknown: this.isUnknown,
      silent: this.#alive && this.#misses > 0,
      connected: new Set(status?.connectedVehicles),
      zone: this.zone,
      capacity: this.#capacity.believed(status?.capacity ?? null),
      holds: (vehicleId) => held.has(vehicleId),
    };
  }

  /** What the controller has placed there is compared with how the unit bears it. */
  weigh(used: Resources): void {
    if (this.#status !== undefined) this.#capacity.observe(this.#status, used);
  }

  get zone(): string | null {
    return this.#zone ?? this.#status?.zone ?? null;
  }

  health(): UnitHealth {
    return {
      id: this.id,
      alive: this.#alive,
      unknown: this.isUnknown,
      incarnation: this.incarnation,
      latency_ms: this.#uplinks.latency_ms ?? null,
      uplinks: this.#uplinks.views,
      lastSeen_ms: this.#lastSeen_ms,
      connectedVehicles: this.#status?.connectedVehicles.length ?? 0,
      zone: this.zone,
      capacity: this.#capacity.believed(this.#status?.capacity ?? null),
      complaint: this.#capacity.complaint,
    };
  }

  close(): void {
    this.#uplinks.close();
  }
}

/** Vehicles of which the unit holds the state of every function that it stands by with. */
function heldIn({ functions }: UnitStatus): ReadonlySet<string> {
  const held = new Set(functions.flatMap((one) => one.held));
  for (const one of functions) {
    const copies = new Set(one.held);
    for (const vehicleId of one.standby ?? []) if (!copies.has(vehicleId)) held.delete(vehicleId);
  }
  return held;
}
