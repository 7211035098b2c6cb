import type { FunctionManifest } from "./network-function.ts";

/**
 * Thins samples to the rate that a function is made for, so that it costs no more when vehicles sample
 * faster. Of each period of each boot the first sample passes; what passes depends on the samples alone.
 */
export class RateGate {
  readonly #period_ms: number;
  readonly #last = new Map<string, { readonly boot: number; readonly period: number }>();

  constructor(manifest: Pick<FunctionManifest, "latencyClass" | "rate_Hz">) {
    this.#period_ms = manifest.latencyClass === "alert" ? 0 : 1000 / manifest.rate_Hz;
  }

  passes(sample: { vehicleId: string; boot: number; monotonic_ms: number }): boolean {
    if (this.#period_ms === 0) return true;
    const { vehicleId, boot } = sample;
    const period = Math.floor(sample.monotonic_ms / this.#period_ms);
    const last = this.#last.get(vehicleId);
    if (last?.boot === boot && last.period === period) return false;
    this.#last.set(vehicleId, { boot, period });
    if (this.#last.size > vehiclesMax) {
      for (const oldest of this.#last.keys()) {
        this.#last.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** Vehicles of which the last period is known; a forgotten one lets one sample more pass. */
const vehiclesMax = 10_000;
