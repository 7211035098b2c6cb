import { urgentClientSuffix } from "@voltfog/messages";
import type { Clock } from "@voltfog/runtime";
import { Allowance, type Rate } from "./allowance.ts";
import type { Shortfall, TrafficDriver } from "./traffic-driver.ts";
import { type Exclusion, type RuleSource, TrafficRules } from "./traffic-rules.ts";

/** What can look again at who is connected. */
export interface Enforcer {
  enforce(): void;
}

/** The least that a packet costs: a flood of tiny ones is slowed like one of large ones. */
const packetCost_bytes = 2048;

/** Who wants to know how vehicles behave. */
export interface Listener {
  connected(vehicleId: string): void;
  throttled(vehicleId: string, spent: Allowance["spent"]): void;
}

/** The limit of a unit that is told no other one. */
function unitRate(rate_bytes: number): Rate {
  return { rate_bytes, ratePackets: Math.max(1, rate_bytes / packetCost_bytes) };
}

/**
 * The driver that is always there: the broker asks it who may connect and how fast each device may send,
 * and looks at its connections again when the answer changes.
 */
export class BrokerDriver implements TrafficDriver {
  readonly name = "broker";
  readonly cannot: readonly Shortfall[] = [];
  readonly #clock: Clock;
  readonly #unitRate: Rate;
  readonly #allowances = new Map<string, Allowance>();
  readonly #counts = new Map<Exclusion, number>();
  #rules = new TrafficRules({ limits: [], quarantine: [], deny: [] });
  #broker: Enforcer | undefined;
  #listener: Listener | undefined;

  constructor(options: { clock: Clock; rateMax_bytes: number }) {
    this.#clock = options.clock;
    this.#unitRate = unitRate(options.rateMax_bytes);
  }

  /** The stages are built before the broker listens. */
  connect(broker: Enforcer): void {
    this.#broker = broker;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  connected(vehicleId: string): void {
    this.#listener?.connected(vehicleId);
  }

  throttled(vehicleId: string): void {
    this.#listener?.throttled(vehicleId, this.allowanceOf(vehicleId).spent);
  }

  /** Everything is done before this returns: connections are cut in the same turn. */
  apply(rules: RuleSource): Promise<void> {
    this.#rules = new TrafficRules(rules);
    const now_ms = this.#clock.monotonic_ms();
    for (const [vehicleId, allowance] of this.#allowances) {
      allowance.change({ ...this.#rateOf(vehicleId), now_ms });
    }
    this.#broker?.enforce();
    return Promise.resolve();
  }

  exclusionOf(who: Parameters<TrafficRules["exclusionOf"]>[0]): Exclusion | undefined {
    return this.#rules.exclusionOf(who);
  }

  /**
   * One for all connections under an id, so that reconnecting earns nothing; alarms have one of their own
   * at the vehicle's rate. Of enrolled devices only.
   */
  allowanceOf(clientId: string): Allowance {
    const known = this.#allowances.get(clientId);
    if (known !== undefined) return known;
    const fresh = new Allowance({
      ...this.#rateOf(clientId),
      now_ms: this.#clock.monotonic_ms(),
    });
    this.#allowances.set(clientId, fresh);
    return fresh;
  }

  #rateOf(clientId: string): Rate {
    const [vehicleId = clientId] = clientId.split(urgentClientSuffix);
    return this.#rules.rateOf(vehicleId, this.#unitRate);
  }

  /** For a connection that has not said who it is. */
  strangersAllowance(): Allowance {
    return new Allowance({ ...this.#unitRate, now_ms: this.#clock.monotonic_ms() });
  }

  /** Somebody was put out or not let in. */
  count(exclusion: Exclusion): void {
    this.#counts.set(exclusion, (this.#counts.get(exclusion) ?? 0) + 1);
  }

  /** Since the unit started. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
