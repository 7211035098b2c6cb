import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import type { Claim } from "../topology/unit-client.ts";
import type { UnitHeartbeat } from "../topology/unit-heartbeat.ts";

export type Role = "leading" | "passive";

export interface LeadershipOptions {
  readonly controllerId: string;
  /** Units of the site, answering or not. */
  readonly units: number;
  /** Silence of a leader at the units after which another controller takes over. */
  readonly takeOver_ms: number;
  /** The last term that this controller has led in. */
  readonly term: number;
  /** Makes a term durable before it is used; throws what the disk says. */
  readonly save: (term: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Whether this controller leads, by what the units say in their heartbeats: they hold the highest term and
 * say whose it is, so that no vote among controllers is needed.
 *
 * - It takes the highest term seen plus one when no other controller was heard at the units that answer, or
 *   when the other has been silent at all of them for `takeOver_ms` and they are the majority of the site.
 *   In a split the side with fewer units so keeps its last assignment.
 * - It becomes passive as soon as one unit names a higher term, or the same as another's. Two that claimed
 *   one term both step back; they wait for unequal times, by their names.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #jitter_ms: number;
  #role: Role = "passive";
  #term: number;
  #highest: number;
  #leader: string | null = null;
  #confirmed_ms: number | undefined;
  /** Since when it has stepped back; before its first term it need not wait. */
  #steppedBack_ms: number | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#term = options.term;
    this.#highest = options.term;
    this.#jitter_ms = spreadOf(options.controllerId) * options.takeOver_ms;
  }

  /** One unit's answer. Any unit that obeys another ends this controller's lead. */
  heard({ term, leader }: Pick<UnitHeartbeat, "term" | "leader">): void {
    this.#highest = Math.max(this.#highest, term);
    if (this.#role === "passive") return;
    const { controllerId, clock } = this.#options;
    const isOwn = leader?.id === controllerId;
    if (term > this.#term || (term === this.#term && !isOwn)) {
      this.stepBack({ term, leader: leader?.id ?? null });
    } else if (term === this.#term) {
      this.#confirmed_ms = clock.monotonic_ms();
    }
  }

  /** A unit obeys another controller. */
  stepBack(other: { term: number; leader: string | null }): void {
    if (this.#role === "passive") return;
    const { clock, logger, controllerId } = this.#options;
    this.#role = "passive";
    this.#leader = other.leader;
    this.#confirmed_ms = undefined;
    this.#steppedBack_ms = clock.monotonic_ms();
    const { leader } = other;
    logger.warn("controller is passive", {
      ...{ controllerId, term: this.#term, newerTerm: other.term, leader },
    });
  }

  /** Looks at all units that answer now; true when this controller has just taken over. */
  review(answering: readonly Pick<UnitHeartbeat, "term" | "leader">[]): boolean {
    if (this.#role === "leading" || answering.length === 0) return false;
    const { controllerId, takeOver_ms, units, clock } = this.#options;
    const highest = answering.reduce((a, b) => (b.term > a.term ? b : a));
    this.#leader = highest.leader?.id ?? null;
    const others = answering.filter(({ leader }) => leader !== null && leader.id !== controllerId);
    const since_ms = this.#steppedBack_ms;
    if (since_ms !== undefined && clock.monotonic_ms() - since_ms < takeOver_ms) return false;
    const wait_ms = takeOver_ms + (since_ms === undefined ? 0 : this.#jitter_ms);
    const areSilent = others.every(({ leader }) => (leader?.silent_ms ?? 0) >= wait_ms);
    if (!areSilent || (others.length > 0 && 2 * answering.length <= units)) return false;
    return this.#lead();
  }

  #lead(): boolean {
    const { controllerId, save, logger, clock } = this.#options;
    const term = this.#highest + 1;
    try {
      save(term);
    } catch (thrown) {
      logger.error("term not saved, so not led in", { term, reason: messageOf(thrown) });
      return false;
    }
    const before = this.#leader;
    this.#term = term;
    this.#highest = term;
    this.#role = "leading";
    this.#leader = controllerId;
    this.#confirmed_ms = clock.monotonic_ms();
    logger.info("controller leads", { controllerId, term, before });
    return true;
  }

  get controllerId(): string {
    return this.#options.controllerId;
  }

  get role(): Role {
    return this.#role;
  }

  get term(): number {
    return this.#role === "leading" ? this.#term : this.#highest;
  }

  /** The controller that the units obey, as far as they say. */
  get leader(): string | null {
    return this.#leader;
  }

  /** What a leader's calls carry; undefined while it does not lead. */
  get claim(): Claim | undefined {
    if (this.#role === "passive") return undefined;
    return { term: this.#term, controllerId: this.#options.controllerId };
  }

  /**
   * Whether decisions may be told: it leads, and a unit has confirmed that within the time after which
   * another could have taken over. One that was stopped and goes on is not sure until a unit answers.
   */
  get isSure(): boolean {
    if (this.#role === "passive" || this.#confirmed_ms === undefined) return false;
    return this.#options.clock.monotonic_ms() - this.#confirmed_ms <= this.#options.takeOver_ms;
  }
}

/** A number from 0 to 1 that differs between names, so that two controllers do not wait equally long. */
function spreadOf(name: string): number {
  let mixed = 0;
  for (const character of name) mixed = (mixed * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return mixed / 997;
}
