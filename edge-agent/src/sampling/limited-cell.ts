import { cellCapacity_Ah, openCircuitVoltage_V } from "@voltfog/battery";
import type { CellState } from "./drive-cycle.ts";

/** Of one LG HG2 cell over seconds. */
const resistance_Ohm = 0.03;

/**
 * A recorded cell under current limits that the recording did not know. Where a limit bites, the current
 * is cut, the voltage moves with it, and the charge that did not flow stays as a difference.
 */
export class LimitedCell {
  #difference_Ah = 0;

  /** The limits are those of the cell, as magnitudes. */
  apply(options: {
    recorded: CellState;
    chargeMax_A: number;
    dischargeMax_A: number;
    step_s: number;
  }): CellState {
    const { recorded, step_s } = options;
    const cellCurrent_A = Math.min(
      options.chargeMax_A,
      Math.max(-options.dischargeMax_A, recorded.cellCurrent_A),
    );
    const cut_A = cellCurrent_A - recorded.cellCurrent_A;
    this.#difference_Ah += (cut_A * step_s) / 3600;
    if (cut_A === 0 && this.#difference_Ah === 0) return recorded;
    // A limit must not charge beyond full.
    const charge_Ah = Math.min(0, recorded.charge_Ah + this.#difference_Ah);
    this.#difference_Ah = charge_Ah - recorded.charge_Ah;
    const moved_V = rested_V(charge_Ah) - rested_V(recorded.charge_Ah);
    const cellVoltage_V = recorded.cellVoltage_V + moved_V + resistance_Ohm * cut_A;
    return { ...recorded, cellVoltage_V, cellCurrent_A, charge_Ah };
  }

  /** The cell was charged to where the recording starts. */
  reset(): void {
    this.#difference_Ah = 0;
  }
}

function rested_V(charge_Ah: number): number {
  return openCircuitVoltage_V(1 + charge_Ah / cellCapacity_Ah);
}
