import type { Attachment } from "./attachment.ts";
import type { Loads, Need } from "./decision-facts.ts";

/** What keeping a copy of a function's state costs, as a share of running it. */
const standbyShare = 0.1;

/** What a unit that stands by uses. */
export function standbyNeed({ cpu, memory_MB, latencyMax_ms }: Need): Need {
  return { cpu: cpu * standbyShare, memory_MB, latencyMax_ms: latencyMax_ms ?? null };
}

/** What is on each unit during one round, and how it changes with each decision of that round. */
export class LoadBook {
  readonly #needOf: (vehicleId: string) => Need;
  readonly #active = new Map<string, number>();
  readonly #standby = new Map<string, number>();
  readonly #used = new Map<string, Need>();

  constructor(options: {
    attachments: Iterable<Attachment>;
    needOf: (vehicleId: string) => Need;
  }) {
    this.#needOf = options.needOf;
    for (const attachment of options.attachments) this.#count(attachment, 1);
  }

  /** A decision of this round: what was is taken back, what is now counts. */
  replace(before: Attachment, after: Attachment): void {
    this.#count(before, -1);
    this.#count(after, 1);
  }

  /** One more. */
  add(attachment: Attachment): void {
    this.#count(attachment, 1);
  }

  /** One less. */
  remove(attachment: Attachment): void {
    this.#count(attachment, -1);
  }

  #count({ vehicleId, unitId, standbyUnitId, next, from }: Attachment, sign: 1 | -1): void {
    const need = this.#needOf(vehicleId);
    add(this.#active, unitId, sign);
    this.#use(unitId, need, sign);
    if (from !== undefined) this.#use(from, need, sign);
    if (next !== undefined) {
      // Many that leave one unit in one round must not all choose the same one.
      add(this.#active, next.unitId, sign);
      this.#use(next.unitId, need, sign);
    }
    if (standbyUnitId === null) return;
    add(this.#standby, standbyUnitId, sign);
    this.#use(standbyUnitId, need, sign * standbyShare);
  }

  #use(unitId: string, need: Need, share: number): void {
    const { cpu, memory_MB } = this.#used.get(unitId) ?? { cpu: 0, memory_MB: 0 };
    // A copy of the state takes all of its memory and next to no time.
    const memoryShare = share > 0 ? 1 : -1;
    const used = {
      cpu: cpu + share * need.cpu,
      memory_MB: memory_MB + memoryShare * need.memory_MB,
    };
    this.#used.set(unitId, used);
  }

  /** For placing a vehicle: those that are served, or are on their way there, count. */
  get active(): Loads {
    return { vehicles: this.#active, used: this.#used };
  }

  /** For placing a standby: those served and those stood by for count alike, so that take-overs spread. */
  get both(): Loads {
    const vehicles = new Map(this.#active);
    for (const [unitId, count] of this.#standby) add(vehicles, unitId, count);
    return { vehicles, used: this.#used };
  }
}

function add(counts: Map<string, number>, key: string, step: number): void {
  counts.set(key, (counts.get(key) ?? 0) + step);
}
