import type { SimulatedChemistry } from "../simulated-cell.ts";
import { powerLawGrowth, sigmoidGrowth } from "./power-law.ts";

/** What a cell went through in a step of hours to days. */
export interface AgeingStress {
  readonly step_d: number;
  /** Mean over the step. */
  readonly cell_K: number;
  /** Mean over the step. */
  readonly cell_V: number;
  readonly soc: number;
  /** Deepest minus fullest of the step, 0 to 1. */
  readonly depth: number;
  /** Charge plus discharge over the step, in capacities: 2 is a full cycle. */
  readonly throughput: number;
}

/** Losses so far, each as a share: calendar and cycling of capacity, then of resistance. */
export interface AgeingState {
  calendar: number;
  cycling: number;
  resistanceCalendar: number;
  resistanceCycling: number;
}

export function newCell(): AgeingState {
  return { calendar: 0, cycling: 0, resistanceCalendar: 0, resistanceCycling: 0 };
}

/** Adds a step's wear to the state. Valid in what each model was measured for; see the specification. */
export function age(chemistry: SimulatedChemistry, state: AgeingState, stress: AgeingStress): void {
  if (chemistry === "nmc") ageNmc(state, stress);
  else if (chemistry === "lfp") ageLfp(state, stress);
  else ageLmo(state, stress);
}

/**
 * Sanyo UR18650E of 2.15 Ah, Schmalstieg et al., J. Power Sources 257 (2014) 325: t in days, T in K,
 * throughput in Ah of that cell. Calendar: t^0.75; cycling: capacity √Q, resistance Q.
 */
function ageNmc(state: AgeingState, stress: AgeingStress): void {
  const { cell_K, cell_V, depth, step_d } = stress;
  const throughput_Ah = stress.throughput * 2.15;
  state.calendar += powerLawGrowth({
    loss: state.calendar,
    rate: Math.max(0, 7.543 * cell_V - 23.75) * 1e6 * Math.exp(-6976 / cell_K),
    exponent: 0.75,
    step: step_d,
  });
  state.cycling += powerLawGrowth({
    loss: state.cycling,
    rate: 7.348e-3 * (cell_V - 3.667) ** 2 + 7.6e-4 + 4.081e-3 * depth,
    exponent: 0.5,
    step: throughput_Ah,
  });
  state.resistanceCalendar += powerLawGrowth({
    loss: state.resistanceCalendar,
    rate: Math.max(0, 5.27 * cell_V - 16.32) * 1e5 * Math.exp(-5986 / cell_K),
    exponent: 0.75,
    step: step_d,
  });
  const perAh = 2.153e-4 * (cell_V - 3.725) ** 2 - 1.521e-5 + 2.798e-4 * depth;
  state.resistanceCycling += Math.max(0, perAh) * throughput_Ah;
}

/**
 * Sony-Murata 3 Ah, data of Naumann et al. (J. Energy Storage 17 (2018) 153; J. Power Sources 451 (2020)
 * 227666), model of Gasper et al. (J. Electrochem. Soc. 169 (2022) 080518) with the published parameters
 * of BLAST-Lite. The break-in of accelerated tests (over 3 full cycles a day) is left out.
 */
function ageLfp(state: AgeingState, stress: AgeingStress): void {
  const { cell_K, soc, depth, step_d } = stress;
  const cycles = stress.throughput / 2;
  const anode_V = graphiteVoltage_V(0.0085 + soc * (0.78 - 0.0085));
  const end =
    0.98968715129359 *
    Math.exp((-2881067.56019324 / cell_K ** 2 + 8742.06309157261 / cell_K) * Math.sqrt(anode_V));
  const exponent =
    0.000332850281062177 *
    Math.exp(
      (734553185711.369 / cell_K ** 4 - 3284991315.45121 / cell_K ** 3) * Math.cbrt(anode_V),
    ) *
    Math.exp(
      (-2.8216157562078e-6 * cell_K ** 3 + 0.0012722759365729 * cell_K ** 2) * anode_V ** 0.25,
    );
  const rate = 0.000130510034211874;
  state.calendar += sigmoidGrowth({ loss: state.calendar, end, rate, exponent, step: step_d });
  // Half a capacity an hour, since the rate hardly matters below 1 C.
  const perCycle = Math.abs(
    -6.81260579372875e-6 +
      2.59615973160844e-5 * depth +
      2.11559710307295e-6 * Math.exp(depth ** 2 * 0.125),
  );
  const fadePower = 1.12847759334355;
  state.cycling += powerLawGrowth({
    loss: state.cycling,
    rate: perCycle ** fadePower,
    exponent: fadePower,
    step: cycles,
  });
  const arrhenius = 3.4194e-10 * Math.exp((-71_827 / 8.3144) * (1 / cell_K - 1 / 298.15));
  state.resistanceCalendar += arrhenius * (-3.3903 * (soc - 0.5) ** 3 + 1.5604) * step_d * 86_400;
  const depthFactor = 6.8477 * (depth - 0.5) ** 3 + 0.91882;
  state.resistanceCycling += Math.max(0, ((-0.002 * 0.5 + 0.0021) * depthFactor * cycles) / 100);
}

/**
 * Nissan Leaf, Braco et al. (J. Energy Storage 32 (2020) 101695; EEEIC 2022), parameters of BLAST-Lite.
 * Measured on cells already at 70 %; cycling only near 25 °C, full depth and 1 C. It says nothing of
 * resistance: that is taken to grow by as many shares as capacity falls, an assumption.
 */
function ageLmo(state: AgeingState, stress: AgeingStress): void {
  const { cell_K, soc, step_d } = stress;
  const calendar = powerLawGrowth({
    loss: state.calendar,
    rate: 3.25e8 * Math.exp((-7580 + 162 * soc) / cell_K),
    exponent: 0.464,
    step: step_d,
  });
  const cycling = powerLawGrowth({
    loss: state.cycling,
    rate: 7.58e-5,
    exponent: 1.08,
    step: stress.throughput / 2,
  });
  state.calendar += calendar;
  state.cycling += cycling;
  state.resistanceCalendar += calendar;
  state.resistanceCycling += cycling;
}

/** Graphite against lithium; Safari and Delacourt, J. Electrochem. Soc. 158 (2011) A562. */
export function graphiteVoltage_V(x: number): number {
  return (
    0.6379 +
    0.5416 * Math.exp(-305.5309 * x) +
    0.044 * Math.tanh(-(x - 0.1958) / 0.1088) -
    0.1978 * Math.tanh((x - 1.0571) / 0.0854) -
    0.6875 * Math.tanh((x + 0.0117) / 0.0529) -
    0.0175 * Math.tanh((x - 0.5692) / 0.0875)
  );
}
