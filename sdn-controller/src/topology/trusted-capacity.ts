import type { Logger } from "@voltfog/runtime";
import type { Resources, UnitStatus } from "./unit-status.ts";

/** Statuses in a row with newly shed samples after which a unit counts as overloaded. */
const overloadedAfter = 3;
/** Statuses in a row without any after which it is believed again. */
const restedAfter = 60;

/**
 * How much of what a unit says of its capacity is believed: never more than the controller's own list
 * allows it, and no more than it was used for when it began to shed samples. Both are said.
 */
export class TrustedCapacity {
  readonly #id: string;
  readonly #most: Resources | null;
  readonly #logger: Logger;
  #shed: number | undefined;
  #overloaded = 0;
  #rested = 0;
  #measured: Resources | null = null;
  #complaint: string | null = null;

  constructor(options: { id: string; most: Resources | null; logger: Logger }) {
    this.#id = options.id;
    this.#most = options.most;
    this.#logger = options.logger;
  }

  /** One status, with what the controller has placed on the unit. */
  observe(status: Pick<UnitStatus, "capacity" | "functions">, used: Resources): void {
    this.#watchBound(status.capacity);
    const shed = status.functions.reduce((sum, { samplesShed }) => sum + samplesShed, 0);
    const before = this.#shed ?? shed;
    this.#shed = shed;
    const isShedding = shed > before;
    this.#overloaded = isShedding ? this.#overloaded + 1 : 0;
    this.#rested = isShedding ? 0 : this.#rested + 1;
    if (this.#measured === null && this.#overloaded >= overloadedAfter) {
      this.#measured = { ...used };
      this.#say(`sheds samples while ${used.cpu.toFixed(3)} cores are asked of it`);
    } else if (this.#measured !== null && this.#rested >= restedAfter) {
      this.#measured = null;
      this.#say(null);
    }
  }

  #watchBound(said: Resources | null): void {
    const most = this.#most;
    if (said === null || most === null || this.#measured !== null) return;
    if (said.cpu <= most.cpu && said.memory_MB <= most.memory_MB) {
      this.#say(null);
      return;
    }
    const claim = `${said.cpu} cores and ${said.memory_MB} MB`;
    this.#say(`says it has ${claim}, at most ${most.cpu} and ${most.memory_MB} MB are believed`);
  }

  #say(complaint: string | null): void {
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    if (complaint === null) this.#logger.info("unit's capacity believed", { unit: this.#id });
    else this.#logger.warn("unit's capacity not believed", { unit: this.#id, why: complaint });
  }

  /** What it may be used for; null where neither the unit nor the list says anything. */
  believed(said: Resources | null): Resources | null {
    const bounds = [said, this.#most, this.#measured].filter((one) => one !== null);
    if (bounds.length === 0) return null;
    return {
      cpu: Math.min(...bounds.map(({ cpu }) => cpu)),
      memory_MB: Math.min(...bounds.map(({ memory_MB }) => memory_MB)),
    };
  }

  /** Why not all is believed that the unit says; null where all is. */
  get complaint(): string | null {
    return this.#complaint;
  }
}
