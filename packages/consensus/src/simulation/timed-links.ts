import { type Random, SeededRandom } from "@voltfog/runtime";
import type { EventQueue } from "./event-queue.ts";

/** How long every message takes on its way, uniform in mean ± jitter. */
export interface TimedLink {
  readonly mean_ms: number;
  readonly jitter_ms: number;
}

/** Links between all voters that lose nothing and keep the order of each pair, as TCP does. */
export class TimedLinks {
  readonly #link: TimedLink;
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #lastArrival_ms = new Map<number, number>();

  constructor(options: { link: TimedLink; queue: EventQueue; seed: number }) {
    this.#link = options.link;
    this.#queue = options.queue;
    this.#random = new SeededRandom(options.seed);
  }

  send(o: { from: number; to: number; arrive: () => void }): void {
    const { mean_ms, jitter_ms } = this.#link;
    const delay_ms = mean_ms + jitter_ms * (2 * this.#random.uniform() - 1);
    const pair = o.from * 65_536 + o.to;
    const now_ms = this.#queue.now_ms;
    const at_ms = Math.max(now_ms + delay_ms, this.#lastArrival_ms.get(pair) ?? 0);
    this.#lastArrival_ms.set(pair, at_ms);
    this.#queue.after(at_ms - now_ms, o.arrive);
  }
}
