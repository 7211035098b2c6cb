import { ClassQueue, type TrafficClass } from "./class-queue.ts";

interface Work {
  run(): void;
}

/**
 * Lets little work be under way at once, and what waits begin by class. What bounds the waiting is the
 * bytes of unacknowledged messages, which their senders are held at.
 */
export class TurnsByClass {
  readonly #atOnceMax: number;
  readonly #queue = new ClassQueue<Work>();
  #underWay = 0;

  constructor(options: { atOnceMax: number }) {
    this.#atOnceMax = options.atOnceMax;
  }

  /** Begins the work when it is its turn; ends as it does. One flow begins in its order. */
  take<T>(turn: { trafficClass: TrafficClass; flow: string }, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        this.#underWay += 1;
        work()
          .then(resolve, reject)
          .finally(() => {
            this.#underWay -= 1;
            this.#beginNext();
          });
      };
      this.#queue.offer({ ...turn, item: { run } });
      this.#beginNext();
    });
  }

  /** Flows that wait for a turn, by class. */
  get waiting(): Readonly<Record<TrafficClass, number>> {
    return this.#queue.flows;
  }

  #beginNext(): void {
    while (this.#underWay < this.#atOnceMax) {
      const next = this.#queue.poll();
      if (next === undefined) return;
      next.run();
    }
  }
}
