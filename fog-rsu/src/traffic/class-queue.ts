/** What goes first, from the first on. */
export const trafficClasses = ["alert", "command", "telemetry", "bulk"] as const;

export type TrafficClass = (typeof trafficClasses)[number];

interface Waiting<T> {
  readonly rank: number;
  readonly item: T;
}

/** What waits of one flow, in the order in which it came. */
interface Flow<T> {
  readonly name: string;
  readonly waiting: Waiting<T>[];
}

/**
 * After so many of higher classes while a lower one waited, the lower one has a turn: under a flood of
 * alerts one frame in 65 is telemetry, so that nobody waits for ever.
 */
const passedMax = 64;

/**
 * What waits for a turn: the highest class first, within a class the flows (one stream of one device) in
 * turn, within a flow in its own order. So one device's flood holds up nobody else of its class, and
 * nothing of a higher one. A flow has the class of what it has at its head. Bounded by who offers.
 */
export class ClassQueue<T> {
  readonly #flows = new Map<string, Flow<T>>();
  /** Flows that wait, by the class at their head; the first is next. */
  readonly #rings: readonly Set<Flow<T>>[] = trafficClasses.map(() => new Set());
  /** Turns of higher classes that each class waited through. */
  readonly #passed: number[] = trafficClasses.map(() => 0);
  #size = 0;

  offer(options: { trafficClass: TrafficClass; flow: string; item: T }): void {
    const { trafficClass, flow: name, item } = options;
    const waiting = { rank: trafficClasses.indexOf(trafficClass), item };
    this.#size += 1;
    const known = this.#flows.get(name);
    if (known !== undefined) {
      known.waiting.push(waiting);
      return;
    }
    const flow: Flow<T> = { name, waiting: [waiting] };
    this.#flows.set(name, flow);
    this.#rings[waiting.rank]?.add(flow);
  }

  poll(): T | undefined {
    const rank = this.#nextRank();
    const ring = this.#rings[rank];
    const [flow] = ring ?? [];
    const next = flow?.waiting.shift();
    if (ring === undefined || flow === undefined || next === undefined) return undefined;
    this.#countPassed(rank);
    this.#size -= 1;
    ring.delete(flow);
    const [head] = flow.waiting;
    if (head === undefined) this.#flows.delete(flow.name);
    else this.#rings[head.rank]?.add(flow);
    return next.item;
  }

  get size(): number {
    return this.#size;
  }

  /** Flows that wait, by class. */
  get flows(): Readonly<Record<TrafficClass, number>> {
    const [alert = 0, command = 0, telemetry = 0, bulk = 0] = this.#rings.map(({ size }) => size);
    return { alert, command, telemetry, bulk };
  }

  #nextRank(): number {
    const overdue = this.#rings.findIndex(
      (ring, rank) => ring.size > 0 && (this.#passed[rank] ?? 0) >= passedMax,
    );
    return overdue >= 0 ? overdue : this.#rings.findIndex((ring) => ring.size > 0);
  }

  #countPassed(served: number): void {
    for (const [rank, ring] of this.#rings.entries()) {
      if (rank === served) this.#passed[rank] = 0;
      else if (rank > served && ring.size > 0) this.#passed[rank] = (this.#passed[rank] ?? 0) + 1;
    }
  }
}
