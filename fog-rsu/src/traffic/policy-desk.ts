import type { Release, TrafficPolicies } from "@voltfog/messages";
import {
  accepted,
  type Clock,
  type Logger,
  messageOf,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import type { EventFinding } from "../events/event-register.ts";
import { type OwnQuarantine, quarantineEvent } from "./own-quarantine.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { Shortfall, TrafficDriver } from "./traffic-driver.ts";
import type { RuleSource } from "./traffic-rules.ts";

export interface StaleVersion extends Problem {
  readonly code: "VERSION_STALE";
  readonly version: number;
}

export interface DriverStatus {
  readonly name: string;
  /** Time from the last decision until this driver had it in force; null before the first. */
  readonly inForce_ms: number | null;
  readonly cannot: readonly Shortfall[];
}

export interface TrafficStatus {
  /** Null until a controller told any. */
  readonly policies: TrafficPolicies | null;
  /** Whom this unit put out by itself; it stays so until the controller tells a release. */
  readonly own: readonly OwnQuarantine[];
  readonly drivers: readonly DriverStatus[];
  /** Connections put out or not let in since the unit started, by code. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Of the enrolled vehicles at most so many are put out by the unit itself; then somebody must look. */
const ownMax = 10_000;

/**
 * Keeps the policies and puts them in force: with the first driver before anything else, as nothing may
 * come before a cut connection, then on disk, then with the drivers outside this process.
 */
export class PolicyDesk {
  readonly #file: PolicyFile;
  readonly #drivers: readonly TrafficDriver[];
  readonly #counts: () => TrafficStatus["counts"];
  readonly #record: (event: EventFinding) => void;
  readonly #released: (vehicleId: string) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inForce_ms = new Map<string, number>();
  #policies: TrafficPolicies | undefined;
  #own: readonly OwnQuarantine[];
  /** Drivers that wait for something outside take one change after the other. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: {
    file: PolicyFile;
    drivers: readonly TrafficDriver[];
    counts: () => TrafficStatus["counts"];
    /** Journals an event; what is said already says nothing. */
    record: (event: EventFinding) => void;
    /** A vehicle that this unit had put out is back. */
    released: (vehicleId: string) => void;
    clock: Clock;
    logger: Logger;
  }) {
    this.#file = options.file;
    this.#drivers = options.drivers;
    this.#counts = options.counts;
    this.#clock = options.clock;
    this.#record = options.record;
    this.#released = options.released;
    this.#logger = options.logger;
    const { policies, own } = options.file.load(options.logger);
    this.#policies = policies;
    this.#own = own;
    void this.#apply();
    // The last life may have ended between the file and the journal.
    for (const one of own) this.#journal(one);
  }

  /**
   * In force with every driver, and durable, when it resolves. That the term holds was seen before.
   * Rejects with what the disk says; then the policies are in force and not kept.
   */
  async take(policies: TrafficPolicies): Promise<Outcome<void, StaleVersion>> {
    const held = this.#policies;
    if (held !== undefined && held.term === policies.term && held.version > policies.version) {
      const { version } = held;
      return refused({ code: "VERSION_STALE", version, detail: `version ${version} is in force` });
    }
    this.#policies = policies;
    const over = this.#own.filter((own) => releaseOf(own, policies) !== undefined);
    this.#own = this.#own.filter((own) => !over.includes(own));
    const applied = this.#apply();
    this.#file.save({ policies, own: this.#own });
    for (const own of over) this.#letIn(own, releaseOf(own, policies)?.why ?? "");
    await applied;
    return accepted(undefined);
  }

  /** Puts a vehicle out at once, before anything is written; then keeps and journals it. */
  putOut(own: OwnQuarantine): void {
    const { vehicleId, reason, offence } = own;
    if (this.#own.some((one) => one.vehicleId === vehicleId)) return;
    if (this.#own.length >= ownMax) {
      this.#logger.error("vehicle not put out: too many are", { vehicleId, offence });
      return;
    }
    this.#own = [...this.#own, own];
    void this.#apply();
    this.#logger.warn("vehicle put out", { vehicleId, offence, reason });
    this.#journal(own);
    try {
      this.#file.save({ policies: this.#policies ?? null, own: this.#own });
    } catch (thrown) {
      // The controller takes it up from the status, and tells it again after a restart.
      this.#logger.error("quarantine not kept", { vehicleId, reason: messageOf(thrown) });
    }
  }

  get status(): TrafficStatus {
    return {
      policies: this.#policies ?? null,
      own: this.#own,
      drivers: this.#drivers.map(({ name, cannot }) => ({
        name,
        inForce_ms: this.#inForce_ms.get(name) ?? null,
        cannot,
      })),
      counts: this.#counts(),
    };
  }

  /** Drivers take back what they put in place outside this process. */
  async close(): Promise<void> {
    await this.#applying;
    await Promise.all(this.#drivers.map((driver) => driver.close()));
  }

  #journal(own: OwnQuarantine): void {
    const event = quarantineEvent(own);
    if (event !== undefined) this.#record(event);
  }

  #letIn(own: OwnQuarantine, why: string): void {
    const event = quarantineEvent(own, { at_ms: this.#clock.wall_ms(), why });
    if (event !== undefined) this.#record(event);
    this.#released(own.vehicleId);
    this.#logger.info("vehicle let back in", { vehicleId: own.vehicleId, why });
  }

  #apply(): Promise<void> {
    const decided_ms = this.#clock.monotonic_ms();
    const rules = rulesOf(this.#policies, this.#own);
    const [first, ...others] = this.#drivers;
    const at = (name: string): void => {
      this.#inForce_ms.set(name, this.#clock.monotonic_ms() - decided_ms);
    };
    const started = first?.apply(rules).then(() => at(first.name));
    const before = this.#applying;
    this.#applying = (async () => {
      await before;
      await started;
      for (const driver of others) {
        await driver.apply(rules);
        at(driver.name);
      }
    })();
    return this.#applying;
  }
}

function rulesOf(policies: TrafficPolicies | undefined, own: readonly OwnQuarantine[]): RuleSource {
  const { limits = [], quarantine = [], deny = [] } = policies ?? {};
  const rows = own.map(({ vehicleId, since_ms, reason }) => ({ vehicleId, since_ms, reason }));
  return { limits, quarantine: [...quarantine, ...rows], deny };
}

function releaseOf(
  { vehicleId, since_ms }: OwnQuarantine,
  { released }: TrafficPolicies,
): Release | undefined {
  return released.find((one) => one.vehicleId === vehicleId && since_ms <= one.until_ms);
}
