import { cellVoltageAtRest_V, type SimulatedCell } from "../simulation/simulated-cell.ts";

/** A pack that is about to be emptied. */
export interface EnergyQuestion {
  readonly cell: SimulatedCell;
  readonly cells: number;
  readonly capacity_Ah: number;
  /** Mean over cells, and of the emptiest. */
  readonly soc: number;
  readonly lowestSoc: number;
  readonly capacityFactor: number;
  readonly resistanceFactor: number;
  /** Expected until empty: magnitude of the discharge in C, and the temperature. */
  readonly rate: number;
  readonly cell_degC: number;
}

const step = 0.005;
const reference_K = 298.15;
const zero_K = 273.15;

/**
 * Watt-hours until the emptiest cell stands at its lower limit, at the expected current and temperature:
 * the integral of the loaded voltage over charge, never a share of a nominal energy. 0 where the limit is
 * passed already. Cost: at most 200 steps.
 */
export function energyLeft_Wh(o: EnergyQuestion): number {
  const { cell, cells } = o;
  const warmth = 1 / (o.cell_degC + zero_K) - 1 / reference_K;
  const factor = o.resistanceFactor * Math.exp(cell.arrhenius_K * warmth);
  const perRate = cell.ohmicPerRate + cell.fastPerRate + cell.slowPerRate;
  const drop_V = o.rate * factor * perRate + cell.hysteresis_V;
  const behind = o.soc - o.lowestSoc;
  let energy_Wh = 0;
  for (let soc = o.soc; soc - behind > 0; soc -= step) {
    const size = Math.min(step, soc - behind);
    const middle = soc - size / 2;
    if (cellVoltageAtRest_V(cell.ocv_V, middle - behind) - drop_V < cell.dischargeEnd_V) break;
    const cell_V = cellVoltageAtRest_V(cell.ocv_V, middle) - drop_V;
    energy_Wh += cells * cell_V * size * o.capacity_Ah * o.capacityFactor;
  }
  return energy_Wh;
}
