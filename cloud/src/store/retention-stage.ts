import type { Clock } from "@voltfog/runtime";
import type { StepVerdict } from "../remote/repeat.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

export interface RetentionStageOptions {
  readonly store: TelemetryStore;
  readonly clock: Clock;
  /** Days; 0 keeps all. */
  readonly samplesKept_d: number;
  readonly framesKept_d: number;
}

const day_ms = 86_400_000;
const pause_ms = 3_600_000;

/** Removes once an hour what the configuration no longer keeps. */
export class RetentionStage {
  readonly #options: RetentionStageOptions;

  constructor(options: RetentionStageOptions) {
    this.#options = options;
  }

  /** Throws the store's codes. */
  async step(): Promise<StepVerdict> {
    const { store, clock, samplesKept_d, framesKept_d } = this.#options;
    const from_ms = (kept_d: number): number =>
      kept_d === 0 ? 0 : Math.max(0, clock.wall_ms() - kept_d * day_ms);
    if (samplesKept_d > 0 || framesKept_d > 0) {
      await store.retain({
        samplesFrom_ms: from_ms(samplesKept_d),
        framesFrom_ms: from_ms(framesKept_d),
      });
    }
    return { pause_ms };
  }
}
