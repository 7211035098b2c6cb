import { leafCapacity_Ah } from "./cell-run.ts";
import type { CellDesign } from "./fit-cell.ts";

/** Where a cell model's training rows are, and which of them may be used. */
export interface CellTraining {
  readonly design: CellDesign;
  readonly folder: string;
  readonly files: readonly string[];
  readonly licence: string;
  readonly isTraining: (run: { ambient_degC: number; profile: string }) => boolean;
}

/**
 * Chosen on the training runs: circuit shape by the fit's error, filter by two-fold cross-validation
 * over profiles (fit on odd Mixed, tune on even, and the other way round) with the three starts counted
 * together. See docs/specs/battery-models.md.
 */
export const lgHg2Training: CellTraining = {
  folder: "lg_hg2_drive_1hz",
  files: ["n20c", "0c", "10c", "25c", "40c"].map((name) => `drive_${name}.csv.gz`),
  licence: "CC-BY-4.0",
  isTraining: ({ profile }) => /^Mixed[1-8]$/.test(profile),
  design: {
    name: "LG 18650HG2",
    chemistry: "nmc",
    capacity_Ah: 2.781,
    exchange_A: 3,
    arrhenius_K: 4000,
    fast_s: 5,
    medium_s: 60,
    slow_s: 1400,
    hysteresisRate: 0,
    ocvSoc: [
      0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
      0.8, 0.85, 0.9, 0.95, 1,
    ],
    resistanceSoc: [0, 0.1, 0.2, 0.4, 0.7, 1],
    resistance_degC: [-20, 0, 10, 25, 40],
    hysteresisSoc: [],
    smoothing: 5,
    straightening: 5,
    stride: 3,
    filter: { varianceFactor: 300, lowChargeFactor: 4, bias_A: 0.05 },
  },
};

/** LFP shows its charge only near the ends: a filter that trusts the voltage more is led astray between them. */
export const a123Training: CellTraining = {
  folder: "a123_dynamic_1hz",
  files: ["dynamic.csv.gz"],
  licence: "MIT (repository); upstream terms not stated",
  isTraining: ({ ambient_degC }) => ambient_degC >= 5 && ambient_degC <= 25,
  design: {
    name: "A123 26650",
    chemistry: "lfp",
    capacity_Ah: 2.03,
    exchange_A: 15,
    arrhenius_K: 4500,
    fast_s: 5,
    medium_s: 60,
    slow_s: 2000,
    hysteresisRate: 200,
    ocvSoc: [
      0, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
      0.75, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1,
    ],
    resistanceSoc: [0, 0.05, 0.15, 0.4, 0.7, 0.95, 1],
    resistance_degC: [5, 15, 25],
    hysteresisSoc: [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1],
    smoothing: 2,
    straightening: 0.3,
    stride: 4,
    filter: { varianceFactor: 10_000, lowChargeFactor: 1, bias_A: 0 },
  },
};

/**
 * LMO with layered oxide. Pulses of 30 s at 1 C and C/3 between them, at three temperatures; the discharges
 * at 1, 2 and 3 C are left out, since the cell is then warmer than its chamber. Shape by the fit's error.
 */
export const leafTraining: CellTraining = {
  folder: "nissan_leaf_cell",
  files: ["hppc.csv.gz"],
  licence: "MIT",
  isTraining: () => true,
  design: {
    name: "Nissan Leaf 2013",
    chemistry: "lmo",
    capacity_Ah: leafCapacity_Ah,
    exchange_A: 30,
    arrhenius_K: 2500,
    fast_s: 20,
    medium_s: 200,
    slow_s: 3000,
    hysteresisRate: 0,
    ocvSoc: [
      0, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
      0.75, 0.8, 0.85, 0.9, 0.95, 1,
    ],
    resistanceSoc: [0, 0.1, 0.3, 0.6, 0.9, 1],
    resistance_degC: [10, 25, 40],
    hysteresisSoc: [],
    smoothing: 1,
    straightening: 1,
    stride: 2,
    filter: { varianceFactor: 300, lowChargeFactor: 4, bias_A: 0.5 },
  },
};

/** The same training that never saw an ambient temperature, nor has knots at it. */
export function withoutAmbient(training: CellTraining, left_degC: number): CellTraining {
  const { design, isTraining } = training;
  const resistance_degC = design.resistance_degC.filter((at_degC) => at_degC !== left_degC);
  return {
    ...training,
    design: { ...design, resistance_degC },
    isTraining: (run) => run.ambient_degC !== left_degC && isTraining(run),
  };
}
