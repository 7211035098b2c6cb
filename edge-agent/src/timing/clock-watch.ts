import type { ClockQuality } from "@voltfog/messages";
import type { Clock, Logger } from "@voltfog/runtime";
import { type ClockEvidence, clockQualityOf } from "./clock-quality.ts";

const ask_ms = 60_000;
/** Wall and monotonic time that drift apart by more since the last look: somebody set the clock. */
const stepMin_ms = 1000;

/** Knows how good the wall clock is, from what the machine's time services said at the last look. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #look: () => Promise<ClockEvidence>;
  #known: ClockQuality = "unknown";
  #offset_ms = 0;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: { clock: Clock; logger: Logger; look: () => Promise<ClockEvidence> }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#look = options.look;
  }

  /** Resolves after the first look; looks again every minute until stopped. */
  async start(): Promise<void> {
    const evidence = await this.#look();
    if (this.#stopped) return;
    const quality = clockQualityOf(evidence, this.#clock.wall_ms());
    if (quality !== this.#known) this.#logger.info("clock quality", { quality });
    this.#known = quality;
    this.#offset_ms = this.#offset();
    this.#cancel = this.#clock.after(ask_ms, () => void this.start());
  }

  /** A synchronised clock that was set since the last look is free-running until the next one. */
  quality(): ClockQuality {
    const isStepped = Math.abs(this.#offset() - this.#offset_ms) > stepMin_ms;
    return isStepped && this.#known === "synchronised" ? "free-running" : this.#known;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #offset(): number {
    return this.#clock.wall_ms() - this.#clock.monotonic_ms();
  }
}
