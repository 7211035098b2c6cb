import type { TrafficPolicies } from "@voltfog/messages";
import { type Clock, type Logger, messageOf, type Outcome } from "@voltfog/runtime";
import type { Claim } from "../topology/unit-client.ts";
import {
  type Asker,
  type AuditEntry,
  adopt,
  journalled,
  type PolicyChangeProblem,
  type PolicyLists,
  type PolicyState,
  quarantine,
} from "./policy-book.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { OwnQuarantine, PolicyClient, UnitPolicies } from "./unit-policies.ts";

/** What is known of the policies at one unit. */
export interface UnitPolicyState {
  readonly unitId: string;
  /** In force there; null before the unit was told any, or while it does not answer. */
  readonly version: number | null;
  readonly inForce_ms: number | null;
  readonly cannot: readonly string[];
  /** Why the unit is behind; null when it is not. */
  readonly behind: string | null;
}

export interface PolicyView extends PolicyLists {
  readonly version: number;
  readonly term: number;
  readonly units: readonly UnitPolicyState[];
  /** Newest first. */
  readonly audit: readonly AuditEntry[];
}

export interface PolicyDeskOptions {
  readonly file: PolicyFile;
  readonly units: readonly PolicyClient[];
  /** Undefined while another controller leads; then nothing is pushed. */
  readonly claim: () => Claim | undefined;
  /** The unit that serves a vehicle, which has its frames; undefined where nobody knows. */
  readonly homeOf: (vehicleId: string) => string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rest waits for the next review. */
const journalledAtOnce = 16;

/** The policies of the whole site: changed by operators and by what units find, pushed to every unit. */
export class PolicyDesk {
  readonly #options: PolicyDeskOptions;
  readonly #known = new Map<string, UnitPolicies>();
  readonly #trouble = new Map<string, string>();
  #state: PolicyState;

  constructor(options: PolicyDeskOptions) {
    this.#options = options;
    this.#state = options.file.load(options.logger);
  }

  /** Takes a change, makes it durable, pushes it; resolves when every unit has it in force or was tried. */
  async change(
    make: (state: PolicyState) => Outcome<PolicyState, PolicyChangeProblem>,
  ): Promise<Outcome<PolicyState, PolicyChangeProblem>> {
    const made = make(this.#state);
    if (!made.ok) return made;
    if (made.value !== this.#state) this.#keep(made.value);
    await this.#pushAll();
    return made;
  }

  /** Asks every unit what it holds and what it found by itself, and tells those that are behind. */
  async review(): Promise<void> {
    const { units, clock } = this.#options;
    await Promise.all(units.map((unit) => this.#read(unit)));
    let state = this.#state;
    for (const [unitId, { policies }] of this.#known) {
      if (policies !== null) state = adopt(state, policies, { unitId, at_ms: clock.wall_ms() });
    }
    if (this.#options.claim() !== undefined) state = this.#takeUp(state);
    if (state !== this.#state) this.#keep(state);
    await this.#pushAll();
    await this.#journal();
  }

  get isLeading(): boolean {
    return this.#options.claim() !== undefined;
  }

  get view(): PolicyView {
    const { limits, quarantine: rows, released, deny, version, term, audit } = this.#state;
    const units = this.#options.units.map(({ unitId }) => this.#unitView(unitId));
    return {
      ...{ version, term, limits, quarantine: rows, released, deny, units },
      audit: audit.toReversed(),
    };
  }

  close(): void {
    for (const unit of this.#options.units) unit.close();
  }

  /** What units put out by themselves, everybody puts out. What was released since then stays released. */
  #takeUp(state: PolicyState): PolicyState {
    let next = state;
    for (const [unitId, { own }] of this.#known) {
      for (const found of own) {
        if (isReleased(next, found)) continue;
        const asker: Asker = {
          who: unitId,
          isUnit: true,
          why: found.reason,
          at_ms: found.since_ms,
        };
        const made = quarantine(next, { vehicleId: found.vehicleId }, asker);
        if (made.ok) next = made.value;
        else this.#options.logger.error("quarantine of a unit not taken up", { unitId });
      }
    }
    return next;
  }

  /**
   * Has one unit journal each of an operator's orders, the oldest first, until it did; whoever leads by now.
   * Where an answer is lost another unit may journal it too: two events of one order, under one name.
   */
  async #journal(): Promise<void> {
    const open = this.#state.audit.filter(({ order }) => order?.event === null);
    for (const { order: waiting, ...entry } of open.slice(0, journalledAtOnce)) {
      const unit = this.#witnessOf(entry.subject);
      if (unit === undefined || waiting === undefined) return;
      try {
        const id = await unit.journal({ id: waiting.id, ...entry });
        this.#keep(journalled(this.#state, waiting.id, { id, unitId: unit.unitId }));
      } catch (thrown) {
        const reason = messageOf(thrown);
        this.#options.logger.warn("order not journalled yet", { unit: unit.unitId, reason });
        return;
      }
    }
  }

  /** A unit that answers: the vehicle's own, whose frames the event can rest on, else the first. */
  #witnessOf(subject: string): PolicyClient | undefined {
    const { units, homeOf } = this.#options;
    const answering = units.filter(({ unitId }) => this.#known.has(unitId));
    const home = homeOf(subject);
    return answering.find(({ unitId }) => unitId === home) ?? answering[0];
  }

  #keep(state: PolicyState): void {
    this.#state = state;
    try {
      this.#options.file.save(state);
    } catch (thrown) {
      // The units keep it too; nobody stays in because this disk is full.
      this.#options.logger.error("policies not saved", { reason: messageOf(thrown) });
    }
  }

  async #pushAll(): Promise<void> {
    const claim = this.#options.claim();
    if (claim === undefined) return;
    // A term before what the units were told is over; whoever leads now has taken theirs over.
    if (claim.term < this.#state.term) return;
    if (claim.term > this.#state.term) this.#keep({ ...this.#state, term: claim.term });
    const { audit: _, ...lists } = this.#state;
    await Promise.all(this.#options.units.map((unit) => this.#push(unit, { ...lists, ...claim })));
  }

  async #push(unit: PolicyClient, policies: TrafficPolicies): Promise<void> {
    const known = this.#known.get(unit.unitId);
    // A unit that has not been heard may hold newer ones of an earlier leader.
    if (known === undefined) return;
    if (known.policies?.term === policies.term && known.policies.version === policies.version) {
      return;
    }
    if (policies.version === 0 && known.policies === null) return;
    try {
      await unit.put(policies);
      await this.#read(unit);
    } catch (thrown) {
      this.#trouble.set(unit.unitId, messageOf(thrown));
      this.#options.logger.warn("policies not taken", {
        unit: unit.unitId,
        reason: messageOf(thrown),
      });
    }
  }

  async #read(unit: PolicyClient): Promise<void> {
    try {
      this.#known.set(unit.unitId, await unit.read());
      this.#trouble.delete(unit.unitId);
    } catch (thrown) {
      // What it held it still holds; whether, is asked again.
      this.#known.delete(unit.unitId);
      this.#trouble.set(unit.unitId, messageOf(thrown));
    }
  }

  #unitView(unitId: string): UnitPolicyState {
    const known = this.#known.get(unitId);
    const { version, term } = this.#state;
    const held = known?.policies ?? null;
    const isBehind = version > 0 && !(held?.version === version && held.term === term);
    const trouble = this.#trouble.get(unitId) ?? (isBehind ? "not told yet" : null);
    return {
      unitId,
      version: held?.version ?? null,
      inForce_ms: known?.inForce_ms ?? null,
      cannot: known?.cannot ?? [],
      behind: trouble,
    };
  }
}

function isReleased({ released }: PolicyState, { vehicleId, since_ms }: OwnQuarantine): boolean {
  return released.some((one) => one.vehicleId === vehicleId && since_ms <= one.until_ms);
}
