import type { Clock } from "../clock.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  wall_ms: () => Date.now(),
  monotonic_ms: () => performance.now(),
  after(delay_ms, task) {
    const timer = setTimeout(task, delay_ms);
    return () => clearTimeout(timer);
  },
};
