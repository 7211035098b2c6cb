import type { CapacityLook, Interval90, LifeTrend } from "./daily-indicators.ts";

const year_d = 365.25;
const warm_degC = 25;
/** Recalibrations that a trend tells apart; older ones are taken together with the oldest of these. */
const stepsMax = 4;
const rounds = 4;
/** More looks tell no more than these, evenly taken. */
const looksMax = 250;
/** Looks further off than this many σ count less (Huber, 1964). */
const huber = 1.5;
/** σ of a look of weight 1, where there are too few to tell. */
const usualSigma = 0.006;
/**
 * What is known before the first look, mean and σ: capacity when new, per √year, per 100 full cycles, per
 * kelvin below 25 °C, and the step at a recalibration. Chosen by looking at simulated seed 1; a maker would take
 * those of its cells.
 */
const prior = {
  start: [0.998, 0.012],
  perRootYear: [-0.05, 0.03],
  perHundredCycles: [-0.008, 0.008],
  coldShare: [0.0015, 0.0003],
  step: [0, 0.009],
} as const;
/** What no number of looks takes away: the shape of the curve and a fresh calibration. */
const lasting = 0.0085;
const interval90 = 1.645;

/**
 * Capacity on √age and full cycles by robust regression (Huber weights, with the prior as extra rows), with
 * cold and recalibrations as regressors beside them. Undefined without a look. Cost: some µs per look.
 */
export function lifeTrend(
  all: readonly CapacityLook[],
  recalibrated: readonly number[],
): LifeTrend | undefined {
  if (all.length === 0) return undefined;
  const every = Math.ceil(all.length / looksMax);
  const looks = all.filter((_, i) => (all.length - 1 - i) % every === 0);
  const ages = recalibrated.slice(-stepsMax);
  const rows = looks.map((look) => regressors(look, ages));
  const means: readonly number[] = [
    prior.start[0],
    prior.perRootYear[0],
    prior.perHundredCycles[0],
    prior.coldShare[0],
    ...ages.map(() => prior.step[0]),
  ];
  const sigmas: readonly number[] = [
    prior.start[1],
    prior.perRootYear[1],
    prior.perHundredCycles[1],
    prior.coldShare[1],
    ...ages.map(() => prior.step[1]),
  ];
  let sigma = usualSigma;
  let found: readonly number[] = means;
  let covariance: readonly (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) {
    const solved = solveRound({
      looks,
      rows,
      means,
      sigmas,
      sigma,
      from: round === 0 ? undefined : found,
    });
    [found, covariance] = [solved.parameters, solved.covariance];
    sigma = spreadOf(looks, rows, found);
  }
  const three = [0, 1, 2];
  return {
    start: found[0] ?? 1,
    perRootYear: found[1] ?? 0,
    perHundredCycles: found[2] ?? 0,
    covariance: three.flatMap((row) => three.map((column) => covariance[row]?.[column] ?? 0)),
    coldShare: found[3] ?? 0,
    steps: ages.map((age_d, i) => ({ age_d, excess: found[4 + i] ?? 0 })),
    sigma,
    looks: all.length,
  };
}

/** Capacity of the cells at 25 °C that the trend gives for an age. */
export function trendAt(
  trend: LifeTrend,
  at: { readonly age_d: number; readonly fullCycles: number },
): Interval90 {
  const row = wearRow(at);
  const value = product(row, [trend.start, trend.perRootYear, trend.perHundredCycles]);
  let variance = lasting ** 2;
  for (const [i, left] of row.entries()) {
    for (const [j, right] of row.entries()) {
      variance += left * right * (trend.covariance[3 * i + j] ?? 0);
    }
  }
  const half = interval90 * Math.sqrt(Math.max(0, variance));
  return { value, low: Math.max(0, value - half), high: value + half };
}

/** Kelvin below 25 °C times the capacity they take a share of. */
export function coldness({ cell_degC, share }: CapacityLook): number {
  return Math.max(0, warm_degC - cell_degC) * Math.min(1.1, share);
}

function wearRow(at: { readonly age_d: number; readonly fullCycles: number }): readonly number[] {
  return [1, Math.sqrt(Math.max(0, at.age_d) / year_d), at.fullCycles / 100];
}

function regressors(look: CapacityLook, ages: readonly number[]): readonly number[] {
  return [...wearRow(look), -coldness(look), ...ages.map((age_d) => (look.age_d < age_d ? 1 : 0))];
}

function product(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
}

function solveRound(o: {
  looks: readonly CapacityLook[];
  rows: readonly (readonly number[])[];
  means: readonly number[];
  sigmas: readonly number[];
  sigma: number;
  from: readonly number[] | undefined;
}): { parameters: number[]; covariance: number[][] } {
  const count = o.means.length;
  const normal = o.sigmas.map((own, i) =>
    Array.from({ length: count }, (_, j) => (i === j ? 1 / own ** 2 : 0)),
  );
  const target = o.means.map((mean, i) => mean / (o.sigmas[i] ?? 1) ** 2);
  o.rows.forEach((row, n) => {
    const look = o.looks[n] as CapacityLook;
    const scale = o.sigma / Math.sqrt(look.weight);
    const off = o.from === undefined ? 0 : Math.abs(look.share - product(row, o.from)) / scale;
    const weight = (off > huber ? huber / off : 1) / scale ** 2;
    for (const [i, value] of row.entries()) {
      target[i] = (target[i] ?? 0) + weight * value * look.share;
      subtract(normal[i] ?? [], row, -weight * value);
    }
  });
  const covariance = inverse(normal);
  return { parameters: covariance.map((row) => product(row, target)), covariance };
}

/** σ of a look of weight 1: the median of what is left, over what it is for a normal spread. */
function spreadOf(
  looks: readonly CapacityLook[],
  rows: readonly (readonly number[])[],
  found: readonly number[],
): number {
  const offs = looks
    .map((look, i) => Math.abs(look.share - product(rows[i] ?? [], found)) * Math.sqrt(look.weight))
    .sort((left, right) => left - right);
  const median = (offs[offs.length >> 1] ?? 0) / 0.6745;
  // A few looks lie close to any line: the usual spread counts as ten.
  const squares = (offs.length * median ** 2 + 10 * usualSigma ** 2) / (offs.length + 10);
  return Math.sqrt(squares);
}

/** Of a small symmetric positive matrix, by Gauss and Jordan. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [
    ...row,
    ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let pivot = 0; pivot < size; pivot++) {
    const own = rows[pivot] as number[];
    const scale = own[pivot] ?? 1;
    for (let j = 0; j < 2 * size; j++) own[j] = (own[j] ?? 0) / scale;
    for (const row of rows) if (row !== own) subtract(row, own, row[pivot] ?? 0);
  }
  return rows.map((row) => row.slice(size));
}

function subtract(row: number[], other: readonly number[], factor: number): void {
  for (const [j, value] of other.entries()) row[j] = (row[j] ?? 0) - factor * value;
}
