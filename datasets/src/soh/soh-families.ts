import type { BoostingOptions } from "../learning/fit-boosted-trees.ts";

/** One model: cells of one source, charged by one protocol. */
export interface SohFamily {
  readonly name: string;
  /** File of battery_cycles_387. */
  readonly file: string;
  /** Values of the file's dataset column. */
  readonly datasets: readonly string[];
}

export const sohFamilies: readonly SohFamily[] = [
  { name: "xjtu", file: "xjtu.csv.gz", datasets: ["XJTU"] },
  { name: "hust", file: "hust.csv.gz", datasets: ["HUST"] },
  { name: "mit", file: "mit.csv.gz", datasets: ["MIT"] },
  { name: "tju", file: "tju.csv.gz", datasets: ["TJU1", "TJU2", "TJU3"] },
];

export const sohSeed = 20_260_101;
/** Neighbouring charges are alike: every fourth is enough to fit, and four times as fast. */
export const sohStride = 4;
export const sohFolds = 5;

export const sohOptions: BoostingOptions = {
  trees: 300,
  depthMax: 5,
  leafWeightMin: 20,
  leafPenalty: 5,
  learningRate: 0.06,
  binsMax: 128,
  rowShare: 0.5,
  columnShare: 0.5,
  seed: sohSeed,
};
