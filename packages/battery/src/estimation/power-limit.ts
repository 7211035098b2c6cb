import { temperatureShare } from "../charging/temperature-derating.ts";
import type { SafeOperatingArea } from "../safe-operating-area.ts";
import { restSlope, type SimulatedCell } from "../simulation/simulated-cell.ts";

/** One cell as it stands; resistances in V per C, charge counts positive. */
export interface LoadedCell {
  readonly cell: SimulatedCell;
  readonly soc: number;
  /** Measured, at `rate`. */
  readonly voltage_V: number;
  readonly rate: number;
  /** The relaxing terms' inputs, in C: what the fast and the slow part have followed so far. */
  readonly fast: number;
  readonly slow: number;
  /** Over a new cell's at 25 °C, temperature included. */
  readonly resistanceFactor: number;
  readonly capacityFactor: number;
}

/**
 * The current in C that a cell bears for so long before it stands at a voltage:
 * I = (Vlim − (V − R0·I0) + ΣRi·(1 − e^(−t/τi))·xi) / (R0 + ΣRi·(1 − e^(−t/τi)) + t·dOCV/dz/(3600·Q)).
 * The measured voltage stands for the open-circuit voltage and the relaxing terms. Positive towards charge.
 */
export function rateUntil(
  o: LoadedCell & { readonly limit_V: number; readonly time_s: number },
): number {
  const { cell, time_s, resistanceFactor } = o;
  const fast = cell.fastPerRate * (1 - Math.exp(-time_s / cell.fastTime_s));
  const slow = cell.slowPerRate * (1 - Math.exp(-time_s / cell.slowTime_s));
  const source_V = o.voltage_V - resistanceFactor * cell.ohmicPerRate * o.rate;
  const relaxing_V = resistanceFactor * (fast * o.fast + slow * o.slow);
  const slope = Math.max(0, restSlope(cell.ocv_V, o.soc));
  const moving = (slope * time_s) / 3600 / o.capacityFactor;
  return (
    (o.limit_V - source_V + relaxing_V) /
    (resistanceFactor * (cell.ohmicPerRate + fast + slow) + moving)
  );
}

/** Full at the recommended limit, nothing 10 K outside of it: the trapezoid of the design. */
export function dischargeShare(cell_degC: number, area: SafeOperatingArea): number {
  const [low_degC] = area.dischargeTemperatureMin_degC;
  const [high_degC] = area.dischargeTemperatureMax_degC;
  const inside_K = Math.min(cell_degC - (low_degC - 10), high_degC + 10 - cell_degC);
  return Math.min(1, Math.max(0, inside_K / 10));
}

/** Of charge current; the table of ChargingControl. */
export function chargeShare(cell_degC: number): number {
  return temperatureShare(cell_degC);
}
