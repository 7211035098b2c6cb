import type { Clock, Logger } from "@voltfog/runtime";
import type { SupervisedFunction } from "./supervised-function.ts";

const interval_ms = 200;
/** A function that is at one task for longer may be what takes the memory. */
const long_ms = 400;
/** What the process may take beyond what it had when every function answered in time. */
const room_bytes = 536_870_912;

/**
 * Ends a function that takes memory outside of its heap while it never comes back to be measured: the process
 * has grown by half a gigabyte since all functions answered in time, and this one has been busy for longest.
 */
export class MemoryGuard {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #functions: () => readonly Pick<SupervisedFunction, "manifest" | "busy_ms" | "end">[];
  readonly #resident_bytes: () => number;
  #calm_bytes = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(options: {
    clock: Clock;
    logger: Logger;
    functions: () => readonly Pick<SupervisedFunction, "manifest" | "busy_ms" | "end">[];
    /** Memory of the whole process. */
    resident_bytes?: () => number;
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#functions = options.functions;
    this.#resident_bytes = options.resident_bytes ?? process.memoryUsage.rss;
  }

  start(): void {
    this.#cancel = this.#clock.after(interval_ms, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  look(): void {
    const now_bytes = this.#resident_bytes();
    const [busiest] = this.#functions()
      .filter(({ busy_ms }) => busy_ms > long_ms)
      .toSorted((a, b) => b.busy_ms - a.busy_ms);
    if (busiest === undefined) {
      this.#calm_bytes = now_bytes;
      return;
    }
    const grown_bytes = now_bytes - this.#calm_bytes;
    if (grown_bytes <= room_bytes) return;
    const grown_MB = Math.round(grown_bytes / 1024 / 1024);
    this.#logger.warn("memory grows while a function is busy", {
      ...{ functionId: busiest.manifest.id, grown_MB },
    });
    busiest.end(`the process grew by ${grown_MB} MB while it was busy`);
    this.#calm_bytes = now_bytes;
  }
}
