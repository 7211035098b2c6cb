import type { PackSample } from "../pack-sample.ts";

/**
 * Decides which cells to take charge from (−1), to leave (0) or, with converters, to give to (+1). Takes
 * every sample in order; total: a sample that makes no sense changes nothing. The edge acts, not the rule.
 */
export interface BalancingRule {
  readonly name: string;
  /** One entry per cell, valid until the next call. */
  update(sample: PackSample): Int8Array;
}

/** How a voltage rule chooses. */
export interface VoltageRuleOptions {
  readonly name: string;
  /** Cells this far above the lowest are bled. */
  readonly threshold_mV: number;
  /** Cells below this voltage are left alone. */
  readonly lowest_mV: number;
  /** The pack must have rested for this long. */
  readonly rest_ms: number;
}

/** A pack current within this is rest: sensors are off by 0.1 A, and sleeping electronics draw little. */
export const restCurrent_A = 0.5;

/** foxBMS 2, voltage strategy: default threshold 200 mV. */
export const foxBmsDefault: VoltageRuleOptions = {
  name: "foxbms-200mV",
  threshold_mV: 200,
  lowest_mV: 2000,
  rest_ms: 0,
};

/** The same rule at the 10 mV that packs of good cells need. */
export const foxBms10: VoltageRuleOptions = {
  ...foxBmsDefault,
  name: "foxbms-10mV",
  threshold_mV: 10,
};

/** Libre Solar BMS firmware: idle for half an hour, cells above 3.8 V, 10 mV above the lowest. */
export const libreSolar: VoltageRuleOptions = {
  name: "libre-solar",
  threshold_mV: 10,
  lowest_mV: 3800,
  rest_ms: 1_800_000,
};

/** Bleeds what reads higher than the lowest cell by a threshold, at rest. */
export class VoltageRule implements BalancingRule {
  readonly name: string;
  readonly #options: VoltageRuleOptions;
  #restSince_ms: number | undefined;
  #actions = new Int8Array(0);

  constructor(options: VoltageRuleOptions) {
    this.name = options.name;
    this.#options = options;
  }

  update(sample: PackSample): Int8Array {
    const cells = sample.cellVoltage_mV;
    if (this.#actions.length !== cells.length) this.#actions = new Int8Array(cells.length);
    this.#actions.fill(0);
    if (!this.#hasRested(sample)) return this.#actions;
    const { threshold_mV, lowest_mV } = this.#options;
    let least_mV = Number.POSITIVE_INFINITY;
    for (const cell_mV of cells) if (cell_mV < least_mV) least_mV = cell_mV;
    cells.forEach((cell_mV, i) => {
      if (cell_mV > lowest_mV && cell_mV - least_mV > threshold_mV) this.#actions[i] = -1;
    });
    return this.#actions;
  }

  #hasRested(sample: PackSample): boolean {
    if (!(Math.abs(sample.packCurrent_A) <= restCurrent_A)) {
      this.#restSince_ms = undefined;
      return false;
    }
    this.#restSince_ms ??= sample.monotonic_ms;
    return sample.monotonic_ms - this.#restSince_ms >= this.#options.rest_ms;
  }
}
