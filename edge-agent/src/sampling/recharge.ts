import { cellCapacity_Ah, openCircuitVoltage_V } from "@voltfog/battery";
import type { CellState } from "./drive-cycle.ts";

/** Half of the capacity per hour: a charge from 7 % takes less than two hours. */
const chargeRate = 0.5;
/** The recording's own charges were done at 22 °C or more. */
const charge_degC = 23;
const rest_s = 600;
const drift_degC = 1 / 60;
/** Of one LG HG2 cell, for slow currents. */
const resistance_Ohm = 0.03;

/** What happens between the end of a drive cycle and its next start, second by second. */
export interface Recharge {
  /** The cell after one more step; undefined once it may drive again. */
  step(step_s: number): CellState | undefined;
}

/**
 * Brings the cell from the end of a cycle back to its beginning, so that charge never jumps: rest ten
 * minutes or until it is warm enough, charge at C/2, rest ten minutes or until it has the temperature at
 * which the cycle starts. Temperature moves by 1 °C per minute. All of it is made up, and labelled so.
 */
export function startRecharge(options: { from: CellState; until: CellState }): Recharge {
  const { until } = options;
  let { charge_Ah, surface_degC } = options.from;
  const warm_degC = Math.max(charge_degC, surface_degC, until.surface_degC);
  let rested_s = 0;
  let phase: "warm" | "charge" | "settle" = "warm";
  const drift = (target_degC: number, step_s: number): boolean => {
    const far_degC = target_degC - surface_degC;
    surface_degC += Math.sign(far_degC) * Math.min(Math.abs(far_degC), drift_degC * step_s);
    rested_s += step_s;
    return rested_s >= rest_s && Math.abs(target_degC - surface_degC) < 0.01;
  };
  return {
    step(step_s) {
      let cellCurrent_A = 0;
      if (phase === "warm") {
        if (drift(warm_degC, step_s)) phase = "charge";
      } else if (phase === "charge") {
        cellCurrent_A = chargeRate * cellCapacity_Ah;
        charge_Ah = Math.min(until.charge_Ah, charge_Ah + (cellCurrent_A * step_s) / 3600);
        if (charge_Ah >= until.charge_Ah) phase = "settle";
        rested_s = 0;
      } else if (drift(until.surface_degC, step_s)) {
        return undefined;
      }
      const rested_V = openCircuitVoltage_V(1 + charge_Ah / cellCapacity_Ah);
      const cellVoltage_V = rested_V + resistance_Ohm * cellCurrent_A;
      return { cellVoltage_V, cellCurrent_A, surface_degC, charge_Ah };
    },
  };
}
