import { quantile } from "@voltfog/runtime";
import { type FeatureTable, tableRows } from "./feature-table.ts";
import { solveSymmetric } from "./linear-solver.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

export interface KernelOptions {
  /** Length of the kernel, in root mean square distances from the middle. */
  readonly reach: number;
  /** Added to the kernel's diagonal. */
  readonly penalty: number;
  /** 0 keeps the features' own spreads; 1 makes all principal directions equally wide. */
  readonly whitening: number;
}

/** base + Σ weight · exp(−|x − centre|²), x the clipped, scaled and turned features. */
export interface KernelModel {
  readonly base: number;
  readonly middle: Float64Array;
  readonly spread: Float64Array;
  /** columns × directions, row-major; and what is added after it. */
  readonly turn: Float64Array;
  readonly shift: Float64Array;
  /** centres × directions, row-major. */
  readonly centres: Float64Array;
  readonly weights: Float64Array;
}

/** Features are held within so many robust deviations of their median. */
export const clipDeviations = 3.5;

/** Kernel ridge regression with a Gaussian kernel on partly whitened features. Cost: rows³. */
export function fitKernelRidge(o: {
  table: FeatureTable;
  target: Float64Array;
  options: KernelOptions;
}): KernelModel {
  const { table, target, options } = o;
  const size = table.names.length;
  const { middle, spread } = robustScale(table);
  const clipped = scaled(table, middle, spread);
  const { turn, shift } = directions(clipped, size, options);
  const centres = turned(clipped, size, turn, shift);
  const base = target.reduce((sum, value) => sum + value, 0) / table.rows;
  const kernel = new Float64Array(table.rows * table.rows);
  for (let row = 0; row < table.rows; row++) {
    for (let column = 0; column < table.rows; column++) {
      kernel[row * table.rows + column] = closeness(centres, row, centres, column, size);
    }
    kernel[row * table.rows + row] = 1 + options.penalty;
  }
  const weights = solveSymmetric(
    kernel,
    target.map((value) => value - base),
  );
  return { base, middle, spread, turn, shift, centres, weights };
}

export function predictKernel(model: KernelModel, table: FeatureTable): Float64Array {
  const size = table.names.length;
  const points = turned(scaled(table, model.middle, model.spread), size, model.turn, model.shift);
  return Float64Array.from({ length: table.rows }, (_, row) =>
    model.weights.reduce(
      (sum, weight, centre) => sum + weight * closeness(points, row, model.centres, centre, size),
      model.base,
    ),
  );
}

/** The named columns of a table. */
export function tableColumns(table: FeatureTable, names: readonly string[]): FeatureTable {
  const columns = names.map((name) => table.names.indexOf(name));
  const values = new Float32Array(table.rows * names.length);
  for (let row = 0; row < table.rows; row++) {
    columns.forEach((column, at) => {
      values[row * names.length + at] = table.values[row * table.names.length + column] as number;
    });
  }
  return { ...tableRows(table, []), names, rows: table.rows, values };
}

function robustScale(table: FeatureTable): { middle: Float64Array; spread: Float64Array } {
  const size = table.names.length;
  const column = (at: number): number[] =>
    Array.from({ length: table.rows }, (_, row) => table.values[row * size + at] as number);
  const middle = Float64Array.from(table.names, (_, at) => quantile(column(at), 0.5));
  const spread = Float64Array.from(table.names, (_, at) => {
    const away = column(at).map((value) => Math.abs(value - (middle[at] as number)));
    return 1.4826 * quantile(away, 0.5) + 1e-4; // 0.1 mV: what the meter tells apart.
  });
  return { middle, spread };
}

function scaled(table: FeatureTable, middle: Float64Array, spread: Float64Array): Float64Array {
  const size = table.names.length;
  return Float64Array.from(table.values, (value, at) => {
    const away = (value - (middle[at % size] as number)) / (spread[at % size] as number);
    return Math.min(clipDeviations, Math.max(-clipDeviations, away));
  });
}

/** Principal directions, each divided by a power of its spread, and scaled to the kernel's reach. */
function directions(
  points: Float64Array,
  size: number,
  options: KernelOptions,
): { turn: Float64Array; shift: Float64Array } {
  const rows = points.length / size;
  const mean = new Float64Array(size);
  points.forEach((value, at) => {
    mean[at % size] = (mean[at % size] as number) + value / rows;
  });
  const covariance = new Float64Array(size * size);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < size; i++) {
      const left = (points[row * size + i] as number) - (mean[i] as number);
      for (let j = 0; j < size; j++) {
        const right = (points[row * size + j] as number) - (mean[j] as number);
        covariance[i * size + j] = (covariance[i * size + j] as number) + (left * right) / rows;
      }
    }
  }
  const { values, vectors } = symmetricEigen(covariance, size);
  const floor = (values[0] as number) * 1e-12;
  const variances = values.map((value) => Math.max(value, floor));
  const widths = variances.map((variance) => variance ** (-options.whitening / 2));
  // Mean square length of the turned points: the kernel's length counts in its root.
  const square = variances.reduce(
    (sum, variance, at) => sum + variance * (widths[at] as number) ** 2,
    0,
  );
  const scale = 1 / (options.reach * Math.sqrt(2 * square));
  const turn = vectors.map((value, at) => value * (widths[at % size] as number) * scale);
  const shift = Float64Array.from({ length: size }, (_, to) =>
    mean.reduce((sum, value, from) => sum - value * (turn[from * size + to] as number), 0),
  );
  return { turn, shift };
}

function turned(
  points: Float64Array,
  size: number,
  turn: Float64Array,
  shift: Float64Array,
): Float64Array {
  return points.map((_, at) => {
    const row = at - (at % size);
    let sum = shift[at % size] as number;
    for (let from = 0; from < size; from++) {
      sum += (points[row + from] as number) * (turn[from * size + (at % size)] as number);
    }
    return sum;
  });
}

function closeness(
  left: Float64Array,
  row: number,
  right: Float64Array,
  column: number,
  size: number,
): number {
  let sum = 0;
  for (let at = 0; at < size; at++) {
    sum += ((left[row * size + at] as number) - (right[column * size + at] as number)) ** 2;
  }
  return Math.exp(-sum);
}
