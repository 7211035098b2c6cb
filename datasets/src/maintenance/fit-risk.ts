import type { FaultCalibration } from "@voltfog/battery";
import { faultScore } from "@voltfog/battery";
import type { RiskSample } from "./vehicle-record.ts";

/** Weight against large weights, in samples. */
const ridge = 20;
const rounds = 30;
/** A step of probabilities stands on so many vehicles at least. */
const vehiclesMin = 8;

/**
 * Logistic regression by Newton's method with a ridge, on features of mean 0 and σ 1. A failing sample weighs
 * as all others of its kind do; what is likely is told by the isotonic steps, not by this.
 */
export function fitWeights(
  samples: readonly RiskSample[],
): Pick<FaultCalibration, "weights" | "middle" | "scale" | "bias"> {
  const count = samples[0]?.features.length ?? 0;
  const columns = Array.from({ length: count }, (_, i) =>
    samples.map(({ features }) => features[i] ?? 0),
  );
  const middle = columns.map(meanOf);
  const scale = columns.map((column, i) => {
    const squares = column.map((value) => (value - (middle[i] ?? 0)) ** 2);
    return Math.max(1e-6, Math.sqrt(meanOf(squares)));
  });
  const rows = samples.map(({ features }) => [
    ...features.map((value, i) => (value - (middle[i] ?? 0)) / (scale[i] ?? 1)),
    1,
  ]);
  let weights = new Array<number>(count + 1).fill(0);
  for (let round = 0; round < rounds; round++) {
    weights = newtonStep(rows, samples, weights);
  }
  return { weights: weights.slice(0, count), bias: weights[count] ?? 0, middle, scale };
}

function newtonStep(
  rows: readonly (readonly number[])[],
  samples: readonly RiskSample[],
  weights: readonly number[],
): number[] {
  const size = weights.length;
  const hessian = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (i === j && i < size - 1 ? ridge : 0)),
  );
  const gradient = weights.map((weight, i) => (i < size - 1 ? ridge * weight : 0));
  rows.forEach((row, n) => {
    const sum = row.reduce((total, value, i) => total + value * (weights[i] ?? 0), 0);
    const chance = 1 / (1 + Math.exp(-sum));
    const off = chance - (samples[n]?.fails === true ? 1 : 0);
    const curvature = Math.max(1e-6, chance * (1 - chance));
    for (const [i, value] of row.entries()) {
      gradient[i] = (gradient[i] ?? 0) + off * value;
      addTo(hessian[i] ?? [], row, curvature * value);
    }
  });
  const step = solve(hessian, gradient);
  // A long step of the first rounds would run off where hardly any sample fails.
  const longest = Math.max(1, ...step.map(Math.abs));
  return weights.map((weight, i) => weight - (step[i] ?? 0) / longest);
}

function addTo(row: number[], other: readonly number[], factor: number): void {
  for (const [j, value] of other.entries()) row[j] = (row[j] ?? 0) + factor * value;
}

/** Gauss elimination of a symmetric positive matrix. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  rows.forEach((own, pivot) => {
    const scale = own[pivot] ?? 1;
    for (const [j, value] of own.entries()) own[j] = value / scale;
    for (const row of rows) if (row !== own) addTo(row, own, -(row[pivot] ?? 0));
  });
  return rows.map((row) => row.at(-1) ?? 0);
}

/**
 * Isotonic steps (pool adjacent violators) of what failed over the score, each of enough vehicles: fitted to
 * other vehicles than the weights.
 */
export function fitSteps(
  samples: readonly RiskSample[],
  weights: Omit<FaultCalibration, "steps" | "version">,
): FaultCalibration {
  const scored = samples
    .map((sample) => ({
      sample,
      score: faultScore(sample.features, { version: 1, ...weights, steps: [] }),
    }))
    .sort((left, right) => left.score - right.score);
  const blocks: Block[] = [];
  const size = Math.max(20, Math.floor(scored.length / 400));
  for (let at = 0; at < scored.length; at += size) {
    blocks.push(blockOf(scored.slice(at, at + size)));
    while (isViolated(blocks)) {
      const [last, before] = [blocks.pop(), blocks.pop()];
      if (last === undefined || before === undefined) break;
      blocks.push(blockOf([...before.items, ...last.items]));
    }
  }
  const steps = blocks.map(({ items, failed }) => ({
    score: round(items[0]?.score ?? 0),
    failed,
    days: items.length,
    vehicles: vehiclesOf(items),
    failedVehicles: vehiclesOf(items.filter(({ sample }) => sample.fails)),
  }));
  return { version: 1, fleet: weights.fleet, ...roundedWeights(weights), steps };
}

interface Scored {
  readonly sample: RiskSample;
  readonly score: number;
}

interface Block {
  readonly items: readonly Scored[];
  readonly failed: number;
}

function blockOf(items: readonly Scored[]): Block {
  return { items, failed: items.filter(({ sample }) => sample.fails).length };
}

function isViolated(blocks: readonly Block[]): boolean {
  const [before, last] = [blocks.at(-2), blocks.at(-1)];
  if (before === undefined || last === undefined) return false;
  const isFalling = before.failed / before.items.length >= last.failed / last.items.length;
  return isFalling || vehiclesOf(before.items) < vehiclesMin;
}

function vehiclesOf(items: readonly Scored[]): number {
  return new Set(items.map(({ sample }) => `${sample.seed}/${sample.vehicle}`)).size;
}

function roundedWeights(
  o: Pick<FaultCalibration, "weights" | "middle" | "scale" | "bias">,
): Pick<FaultCalibration, "weights" | "middle" | "scale" | "bias"> {
  return {
    weights: o.weights.map(round),
    middle: o.middle.map(round),
    scale: o.scale.map(round),
    bias: round(o.bias),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(7));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
