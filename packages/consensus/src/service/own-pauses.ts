import { quantile } from "@voltfog/runtime";
import type { LinkView } from "./link-measure.ts";

/** Later than this, a timer was held up: the process was stopped or busy. */
const lateMin_ms = 150;
const window_ms = 20_000;

/** How long this process itself did not run, by a timer that should come regularly. */
export class OwnPauses {
  readonly #tick_ms: number;
  #due_ms: number;
  #total_ms = 0;
  #pauses: { readonly at_ms: number; readonly pause_ms: number }[] = [];

  constructor(options: { tick_ms: number; now_ms: number }) {
    this.#tick_ms = options.tick_ms;
    this.#due_ms = options.now_ms + options.tick_ms;
  }

  /** The timer fired; whether it came so late that others seemed silent meanwhile. */
  tick(now_ms: number): boolean {
    const late_ms = now_ms - this.#due_ms;
    this.#due_ms = now_ms + this.#tick_ms;
    if (late_ms < lateMin_ms) return false;
    this.#total_ms += late_ms;
    this.#pauses = this.#pauses.filter(({ at_ms }) => at_ms > now_ms - window_ms);
    this.#pauses.push({ at_ms: now_ms, pause_ms: late_ms });
    return true;
  }

  /** Whole ms since the start, a pause that has not been counted yet included. */
  total_ms(now_ms: number): number {
    const late_ms = now_ms - this.#due_ms;
    return Math.round(this.#total_ms + (late_ms < lateMin_ms ? 0 : late_ms));
  }

  /** This validator as its links show it: what is wrong with most of them is wrong with itself. */
  ownView(links: readonly LinkView[], now_ms: number): LinkView {
    const paused_ms = this.#pauses
      .filter(({ at_ms }) => at_ms > now_ms - window_ms)
      .reduce((sum, { pause_ms }) => sum + pause_ms, 0);
    const median = (values: readonly (number | undefined)[]): number | undefined => {
      const known = values.filter((value) => value !== undefined);
      return known.length === 0 ? undefined : quantile(known, 0.5);
    };
    return {
      connected: true,
      silent_ms: 0,
      lowest_ms: median(links.map(({ lowest_ms }) => lowest_ms)),
      median_ms: median(links.map(({ median_ms }) => median_ms)),
      clockOffset_ms: 0,
      pausedShare: Math.min(1, paused_ms / window_ms),
      drainRate_bytes_per_s: median(
        links.map(({ drainRate_bytes_per_s }) => drainRate_bytes_per_s),
      ),
    };
  }
}
