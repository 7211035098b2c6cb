import type { CellParameters } from "../cell/cell-parameters.ts";
import { leafParameters } from "../cell/nissan-leaf.ts";
import { openCircuitVoltage_V as lgHg2Voltage_V } from "../lg-hg2-cell.ts";

export type SimulatedChemistry = "nmc" | "lfp" | "lmo";

/**
 * What the simulator needs to know of a cell type. Resistances are in V per C (the current that empties
 * the cell in an hour), so they hold for every size of cell: 0.09 V per C is 90 mΩ·Ah.
 */
export interface SimulatedCell {
  readonly name: string;
  readonly chemistry: SimulatedChemistry;
  /** Where the numbers come from. */
  readonly provenance: string;
  /** Open-circuit voltage at evenly spaced charges from 0 to 1. */
  readonly ocv_V: Float64Array;
  readonly ohmicPerRate: number;
  readonly fastPerRate: number;
  readonly slowPerRate: number;
  readonly fastTime_s: number;
  readonly slowTime_s: number;
  /** Resistance follows exp(E·(1/T − 1/298.15 K)). */
  readonly arrhenius_K: number;
  /** Half of the gap between charge and discharge at rest; 0 where there is none worth a state. */
  readonly hysteresis_V: number;
  /** V per K; the sign is that of charging. */
  readonly entropyPerKelvin: number;
  readonly chargeEnd_V: number;
  readonly dischargeEnd_V: number;
}

const points = 101;

/** LG HG2 at 25 °C; the circuit is the fit that `PackSimulator` has always used. */
export const nmcSimulated: SimulatedCell = {
  name: "LG HG2 scaled",
  chemistry: "nmc",
  provenance:
    "open-circuit voltage: C/20 test at 25 °C of Kollmeyer et al. (Mendeley cp3473x7xv); circuit: least " +
    "squares on its drives Mixed1, 2, 4, 5 and 8 above 12 % of charge, 9 mV RMSE, 13 mV on US06; " +
    "entropy: a middle value assumed for NMC",
  ocv_V: Float64Array.from({ length: points }, (_, i) => lgHg2Voltage_V(i / (points - 1))),
  ohmicPerRate: 0.0525,
  fastPerRate: 0.0425,
  slowPerRate: 0.0221,
  fastTime_s: 20,
  slowTime_s: 200,
  arrhenius_K: 2500,
  hysteresis_V: 0,
  entropyPerKelvin: -1e-4,
  chargeEnd_V: 4.2,
  dischargeEnd_V: 3.0,
};

/** A123 26650 at 25 °C: mean of the C/30 charge and discharge; half their gap is the hysteresis. */
export const lfpSimulated: SimulatedCell = {
  name: "A123 LFP scaled",
  chemistry: "lfp",
  provenance:
    "open-circuit voltage and hysteresis: C/30 tests at 25 °C of the ESC toolbox (G. Plett); circuit: " +
    "90 mΩ·Ah as usual for large cells, assumed, since the small power cell has a fifth of it",
  ocv_V: Float64Array.of(
    2.2854,
    2.8966,
    3.0371,
    3.1228,
    3.1831,
    3.2111,
    3.2187,
    3.232,
    3.2449,
    3.2555,
    3.2643,
    3.2724,
    3.2798,
    3.2856,
    3.2916,
    3.2966,
    3.3018,
    3.3043,
    3.3056,
    3.3068,
    3.308,
    3.3097,
    3.3116,
    3.314,
    3.3168,
    3.3197,
    3.3229,
    3.3261,
    3.3302,
    3.3356,
    3.3411,
    3.344,
    3.3455,
    3.3466,
    3.3479,
    3.3496,
    3.3517,
    3.3559,
    3.3658,
    3.4017,
    3.5635,
  ),
  ohmicPerRate: 0.045,
  fastPerRate: 0.03,
  slowPerRate: 0.015,
  fastTime_s: 20,
  slowTime_s: 300,
  arrhenius_K: 3000,
  hysteresis_V: 0.018,
  entropyPerKelvin: 0,
  chargeEnd_V: 3.55,
  dischargeEnd_V: 2.8,
};

/** Nissan Leaf cell of 2013 (LMO with layered oxide) at 25 °C: the circuit that `train soc` fits, at half charge. */
export const lmoSimulated: SimulatedCell = {
  name: "Nissan Leaf 2013 scaled",
  chemistry: "lmo",
  provenance:
    "open-circuit voltage, ohmic and two relaxing resistances at half charge and 25 °C: leafParameters, " +
    "fitted to the pulse tests of ORNL (zenodo 2580327); its slowest term, near zero, is left out",
  ...circuitOf(leafParameters, 0.5),
  hysteresis_V: 0,
  entropyPerKelvin: 0,
  chargeEnd_V: 4.2,
  dischargeEnd_V: 3.0,
};

/** The part of a fitted cell that the simulator has room for, at 25 °C and one charge. */
function circuitOf(
  parameters: CellParameters,
  soc: number,
): Pick<
  SimulatedCell,
  | "ocv_V"
  | "ohmicPerRate"
  | "fastPerRate"
  | "slowPerRate"
  | "fastTime_s"
  | "slowTime_s"
  | "arrhenius_K"
> {
  const warm = parameters.resistance_degC.indexOf(25);
  const [ohmic = 0, transfer = 0, fast = 0, medium = 0] = parameters.resistance_Ohm.map(
    (table) => parameters.capacity_Ah * between(parameters.resistanceSoc, table[warm] ?? [], soc),
  );
  return {
    ocv_V: Float64Array.from({ length: points }, (_, i) =>
      between(parameters.ocvSoc, parameters.ocv_V, i / (points - 1)),
    ),
    ohmicPerRate: ohmic + transfer,
    fastPerRate: fast,
    slowPerRate: medium,
    fastTime_s: parameters.fast_s,
    slowTime_s: parameters.medium_s,
    arrhenius_K: parameters.arrhenius_K,
  };
}

/** Straight between rising knots. */
function between(knots: readonly number[], values: readonly number[], at: number): number {
  const above = Math.max(
    1,
    knots.findIndex((knot) => knot >= at),
  );
  const [from = 0, to = 1] = [knots[above - 1], knots[above]];
  const [low = 0, high = 0] = [values[above - 1], values[above]];
  return low + ((at - from) / (to - from)) * (high - low);
}

/** Open-circuit voltage at a state of charge; beyond 0 and 1 the outermost slope goes on. */
export function cellVoltageAtRest_V(ocv_V: Float64Array, soc: number): number {
  const place = soc * (ocv_V.length - 1);
  const segment = Math.min(ocv_V.length - 2, Math.max(0, Math.floor(place)));
  const low_V = ocv_V[segment] ?? 0;
  return low_V + (place - segment) * ((ocv_V[segment + 1] ?? 0) - low_V);
}

/** Slope of the open-circuit voltage, V per unit of charge, over ±2 % around a state of charge. */
export function restSlope(ocv_V: Float64Array, soc: number): number {
  return (cellVoltageAtRest_V(ocv_V, soc + 0.02) - cellVoltageAtRest_V(ocv_V, soc - 0.02)) / 0.04;
}

/** The charge at which a cell type rests at a voltage; the table must rise. */
export function chargeAtRest(ocv_V: Float64Array, rest_V: number): number {
  const last = ocv_V.length - 1;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ocv_V[middle] ?? 0) <= rest_V) low = middle;
    else high = middle;
  }
  const low_V = ocv_V[low] ?? 0;
  const rise_V = (ocv_V[high] ?? 0) - low_V;
  return (low + (rise_V > 0 ? (rest_V - low_V) / rise_V : 0)) / last;
}
