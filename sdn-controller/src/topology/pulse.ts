import type { Clock } from "@voltfog/runtime";
import type { Leadership } from "../leadership/leadership.ts";
import type { UnitMonitor } from "./unit-monitor.ts";

/** Pause before a unit that refused a heartbeat is asked again. */
const hurry_ms = 50;

/** The heartbeats of all units, and what leadership learns from them. */
export class Pulse {
  readonly #clock: Clock;
  readonly #monitors: readonly UnitMonitor[];
  readonly #leadership: Leadership;
  /** Something is to be acted upon: a unit came or died, said something new, or this controller now leads. */
  readonly #news: () => Promise<void>;

  constructor(options: {
    clock: Clock;
    monitors: readonly UnitMonitor[];
    leadership: Leadership;
    news: () => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#monitors = options.monitors;
    this.#leadership = options.leadership;
    this.#news = options.news;
  }

  /** One heartbeat to every unit. Resolves when all have answered or failed to; many may be under way. */
  async beat(): Promise<void> {
    await Promise.all(this.#monitors.map((monitor) => this.#beatOne(monitor)));
    if (!this.isObserved) return;
    const answering = this.#monitors.flatMap(({ heartbeat }) => heartbeat ?? []);
    if (this.#leadership.review(answering)) await this.#news();
  }

  async #beatOne(monitor: UnitMonitor): Promise<void> {
    const wasAlive = monitor.isAlive;
    const wasCutOff = this.#hearsNobody;
    let answer = await monitor.beat(this.#leadership.claim);
    // Whoever refuses a connection has no process any more, or a new one: no need to wait for the next beat.
    while (answer === undefined && monitor.isAlive && monitor.wasRefused) {
      await new Promise<void>((resolve) => this.#clock.after(hurry_ms, resolve));
      answer = await monitor.beat(this.#leadership.claim);
    }
    if (answer !== undefined) this.#leadership.heard(answer);
    if (answer !== undefined && wasCutOff) for (const other of this.#monitors) other.excuse();
    if (monitor.hasNews) await monitor.refresh();
    else if (wasAlive === monitor.isAlive) return;
    if (this.isObserved) await this.#news();
  }

  get #hearsNobody(): boolean {
    return this.#monitors.every(({ isAlive }) => !isAlive);
  }

  /** True once every unit has answered, or failed to, often enough for a first decision. */
  get isObserved(): boolean {
    return this.#monitors.every((monitor) => monitor.isObserved);
  }
}
