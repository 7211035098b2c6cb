/** Someone who comes to a site on their own, and goes elsewhere where nothing is free. */
export interface Visit {
  readonly at_ms: number;
  readonly stay_ms: number;
}

/** A driver who was sent and waits for a plug in order. */
export type SentDriver = Visit;

interface Waiting extends SentDriver {
  readonly served: (start_ms: number) => void;
}

interface Change {
  readonly at_ms: number;
  readonly taken: number;
}

/**
 * One site as it really is: plugs with the time until which each is taken, and a queue. Visits are known
 * before; drivers are added as they are sent. Time only goes forward; a copy can be asked what would be.
 */
export class SimulatedSite {
  readonly plugs: number;
  readonly #visits: readonly Visit[];
  #nextVisit = 0;
  #busyUntil_ms: Float64Array;
  #sent: Waiting[] = [];
  #queue: Waiting[] = [];
  #changes: Change[] = [{ at_ms: Number.NEGATIVE_INFINITY, taken: 0 }];
  readonly #stays: Visit[] = [];

  constructor(options: { plugs: number; visits: readonly Visit[] }) {
    this.plugs = options.plugs;
    this.#visits = options.visits;
    this.#busyUntil_ms = new Float64Array(options.plugs).fill(Number.NEGATIVE_INFINITY);
  }

  /** Mean number of plugs taken between two times, once the second is reached. */
  busyBetween(from_ms: number, to_ms: number): number {
    let sum_ms = 0;
    for (const { at_ms, stay_ms } of this.#stays) {
      sum_ms += Math.max(0, Math.min(to_ms, at_ms + stay_ms) - Math.max(from_ms, at_ms));
    }
    return sum_ms / (to_ms - from_ms);
  }

  send(driver: SentDriver, served: Waiting["served"]): void {
    const place = this.#sent.findIndex(({ at_ms }) => at_ms > driver.at_ms);
    this.#sent.splice(place < 0 ? this.#sent.length : place, 0, { ...driver, served });
  }

  /** When the driver would get a plug if nobody else were sent any more. */
  wouldServe(driver: SentDriver, until_ms: number): number {
    let served_ms = Number.POSITIVE_INFINITY;
    const copy = this.#copy();
    copy.send(driver, (start_ms) => {
      served_ms = start_ms;
    });
    copy.advance(until_ms, () => served_ms < Number.POSITIVE_INFINITY);
    return served_ms;
  }

  /** Plugs taken at a time that has been reached. */
  takenAt(at_ms: number): number {
    return this.#changes.findLast((change) => change.at_ms <= at_ms)?.taken ?? 0;
  }

  /** Plays everything up to a time, or until enough is known. */
  advance(to_ms: number, isEnough: () => boolean = () => false): void {
    while (!isEnough()) {
      const next_ms = this.#nextEvent_ms();
      if (next_ms > to_ms) break;
      this.#play(next_ms);
    }
    this.#forgetBefore(to_ms);
  }

  #nextEvent_ms(): number {
    let next_ms = Math.min(
      this.#visits[this.#nextVisit]?.at_ms ?? Number.POSITIVE_INFINITY,
      this.#sent[0]?.at_ms ?? Number.POSITIVE_INFINITY,
    );
    const played_ms = this.#changes.at(-1)?.at_ms ?? Number.NEGATIVE_INFINITY;
    for (const end_ms of this.#busyUntil_ms) {
      if (end_ms > played_ms && end_ms < next_ms) next_ms = end_ms;
    }
    return next_ms;
  }

  #play(at_ms: number): void {
    this.#serveQueue(at_ms);
    const sent = this.#sent[0];
    if (sent?.at_ms === at_ms) {
      this.#sent.shift();
      this.#queue.push(sent);
      this.#serveQueue(at_ms);
    } else if (this.#visits[this.#nextVisit]?.at_ms === at_ms) {
      const visit = this.#visits[this.#nextVisit++];
      const plug = this.#freePlug(at_ms);
      if (visit !== undefined && plug >= 0) this.#take(plug, at_ms, visit.stay_ms);
    }
    this.#changes.push({ at_ms, taken: this.#takenNow(at_ms) });
  }

  #serveQueue(at_ms: number): void {
    while (this.#queue.length > 0) {
      const plug = this.#freePlug(at_ms);
      const driver = this.#queue[0];
      if (plug < 0 || driver === undefined) return;
      this.#queue.shift();
      this.#take(plug, at_ms, driver.stay_ms);
      driver.served(at_ms);
    }
  }

  #take(plug: number, at_ms: number, stay_ms: number): void {
    this.#busyUntil_ms[plug] = at_ms + stay_ms;
    this.#stays.push({ at_ms, stay_ms });
  }

  #freePlug(at_ms: number): number {
    return this.#busyUntil_ms.findIndex((end_ms) => end_ms <= at_ms);
  }

  #takenNow(at_ms: number): number {
    let taken = 0;
    for (const end_ms of this.#busyUntil_ms) if (end_ms > at_ms) taken++;
    return taken;
  }

  #forgetBefore(at_ms: number): void {
    const keepFrom = this.#changes.findLastIndex((change) => change.at_ms <= at_ms - keptFor_ms);
    if (keepFrom > 64) this.#changes = this.#changes.slice(keepFrom);
  }

  #copy(): SimulatedSite {
    const copy = new SimulatedSite({ plugs: this.plugs, visits: this.#visits });
    copy.#nextVisit = this.#nextVisit;
    copy.#busyUntil_ms = this.#busyUntil_ms.slice();
    const silent = (waiting: Waiting): Waiting => ({ ...waiting, served: () => {} });
    copy.#sent = this.#sent.map(silent);
    copy.#queue = this.#queue.map(silent);
    copy.#changes = this.#changes.slice(-1);
    return copy;
  }
}

/** No feed is older than this. */
const keptFor_ms = 1_800_000;
