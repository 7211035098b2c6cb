import { assert } from "@voltfog/runtime";
import { restingSoc } from "./lg-hg2-cell.ts";
import type { PackSample } from "./pack-sample.ts";
import {
  readingTime_ms,
  type SocEstimate,
  type SocEstimator,
  type SuspectCause,
} from "./soc-estimator.ts";

export interface CoulombCounterOptions {
  readonly capacity_Ah: number;
  /** Where counting starts; without it the first reading's cell voltages say, with a wide interval. */
  readonly start?: { readonly soc: number; readonly halfWidth: number };
  /** Longest step between readings that is integrated, ms; a longer one is a gap. */
  readonly stepMax_ms?: number;
}

/** Current sensors of the field: ±0.1 A offset and ±0.5 % gain. */
const currentBias_A = 0.1;
const currentGain = 0.005;
/** How well the capacity is known. */
const capacityShare = 0.01;
/** A cell voltage tells the charge to this at rest, and to that much less per C of current. */
const restingHalfWidth = 0.1;
const loadedHalfWidth = 0.15;
/** What may have flowed unseen during a gap, as a multiple of capacity per hour. */
const gapRate = 1;

interface Reading {
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly current_A: number;
}

/**
 * Integrates the current. Its value drifts without end, and its interval says so: the interval grows
 * with time, throughput and gaps, and never shrinks by itself.
 */
export class CoulombCounter implements SocEstimator {
  readonly name = "coulomb-counter";
  readonly version = "1";
  readonly #options: CoulombCounterOptions;
  readonly #stepMax_ms: number;
  #soc: number | undefined;
  #halfWidth = 1;
  #cellCount = 0;
  #last: Reading | undefined;

  constructor(options: CoulombCounterOptions) {
    const { capacity_Ah, start } = options;
    assert(capacity_Ah > 0 && Number.isFinite(capacity_Ah), "a pack has a capacity");
    assert(
      !start || (start.soc >= 0 && start.soc <= 1 && start.halfWidth >= 0),
      "start is a charge",
    );
    this.#options = options;
    this.#stepMax_ms = options.stepMax_ms ?? 10_000;
  }

  update(sample: PackSample): SocEstimate {
    const suspect = this.#advance(sample);
    const soc = this.#soc;
    return {
      soc,
      low: soc === undefined ? 0 : Math.max(0, soc - this.#halfWidth),
      high: soc === undefined ? 1 : Math.min(1, soc + this.#halfWidth),
      estimator: this.name,
      version: this.version,
      at_ms: readingTime_ms(sample),
      suspect,
    };
  }

  #advance(sample: PackSample): SuspectCause | undefined {
    const changed = this.#cellCount !== 0 && sample.cellVoltage_mV.length !== this.#cellCount;
    this.#cellCount = sample.cellVoltage_mV.length;
    if (this.#soc === undefined || changed) this.#start(sample, changed);
    if (this.#soc === undefined) return "no-estimate";
    if (changed) return "cell-count-changed";
    return this.#integrate(sample);
  }

  #start(sample: PackSample, anew: boolean): void {
    const known = anew ? undefined : this.#options.start;
    this.#last = undefined;
    this.#soc = known === undefined ? socAtRest(sample) : clamp(known.soc);
    this.#halfWidth = known?.halfWidth ?? this.#unrested(sample);
  }

  /** How little the cell voltages say about the charge at this current. */
  #unrested(sample: PackSample): number {
    const rate = Math.abs(sample.packCurrent_A) / this.#options.capacity_Ah;
    return Number.isFinite(rate) ? Math.min(1, restingHalfWidth + loadedHalfWidth * rate) : 1;
  }

  #integrate(sample: PackSample): SuspectCause | undefined {
    const { wall_ms, monotonic_ms, packCurrent_A: current_A } = sample;
    if (!Number.isFinite(monotonic_ms)) return "time-invalid";
    if (!Number.isFinite(current_A)) return "current-invalid";
    const last = this.#last;
    this.#last = { wall_ms, monotonic_ms, current_A };
    if (last === undefined) return undefined;
    const step_ms = monotonic_ms - last.monotonic_ms;
    if (step_ms < 0) {
      // After a restart only the wall clock can say how long nothing was counted.
      this.#miss(wall_ms - last.wall_ms);
      return "time-ran-back";
    }
    if (step_ms > this.#stepMax_ms) {
      this.#miss(step_ms);
      return "samples-missing";
    }
    this.#count({ mean_A: (last.current_A + current_A) / 2, step_ms });
    return undefined;
  }

  #count(flow: { mean_A: number; step_ms: number }): void {
    const hours = flow.step_ms / 3_600_000;
    const { capacity_Ah } = this.#options;
    this.#soc = clamp((this.#soc ?? 0) + (flow.mean_A * hours) / capacity_Ah);
    const unsure_A = Math.abs(flow.mean_A) * (currentGain + capacityShare) + currentBias_A;
    this.#widen((unsure_A * hours) / capacity_Ah);
  }

  #miss(step_ms: number): void {
    if (step_ms > 0) this.#widen((gapRate * step_ms) / 3_600_000);
  }

  #widen(by: number): void {
    this.#halfWidth = Math.min(1, this.#halfWidth + by);
  }
}

function clamp(soc: number): number {
  return Math.min(1, Math.max(0, soc));
}

function socAtRest(sample: PackSample): number | undefined {
  const cells = sample.cellVoltage_mV;
  if (cells.length === 0) return undefined;
  return restingSoc(cells.reduce((sum, cell_mV) => sum + cell_mV, 0) / cells.length / 1000);
}
