import type { PackSample } from "../pack-sample.ts";

/** Constant current, then constant voltage at the fullest cell: what a plain charger does. */
export class PlainCharge {
  readonly #options: { rate: number; capacity_Ah: number; chargeEnd_V: number; targetSoc: number };
  #rate: number;

  constructor(options: {
    rate: number;
    capacity_Ah: number;
    chargeEnd_V: number;
    targetSoc: number;
  }) {
    this.#options = options;
    this.#rate = options.rate;
  }

  /** In A; 0 when the target or a twentieth of capacity per hour is reached. */
  current_A(sample: PackSample): number {
    const { capacity_Ah, chargeEnd_V, targetSoc } = this.#options;
    if (sample.soc >= targetSoc || this.#rate < 0.05) return 0;
    let highest_mV = 0;
    for (const cell_mV of sample.cellVoltage_mV) if (cell_mV > highest_mV) highest_mV = cell_mV;
    if (highest_mV > 1000 * chargeEnd_V) this.#rate *= 0.95;
    return this.#rate * capacity_Ah;
  }
}
