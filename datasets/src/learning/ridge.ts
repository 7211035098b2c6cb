import type { FeatureTable } from "./feature-table.ts";
import { solveSymmetric } from "./linear-solver.ts";

/** base + Σ weight · clipped feature. A column that is not used has weight zero. */
export interface ClippedLinear {
  readonly base: number;
  readonly weights: Float64Array;
  /** Features are held between these, so that one bad record cannot carry the estimate away. */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Share of a feature's range that an estimate may reach beyond it. */
const reach = 0.15;

/**
 * Weighted ridge regression on some columns, standardised. The penalty counts in units of rows.
 * Cost: rows × columns².
 */
export function fitRidge(o: {
  table: FeatureTable;
  columns: readonly number[];
  target: Float64Array;
  weight: Float64Array;
  penalty: number;
}): ClippedLinear {
  const { table, columns, target } = o;
  const { low, high } = ranges(table);
  const weightMean = o.weight.reduce((sum, value) => sum + value, 0) / table.rows;
  const weight = o.weight.map((value) => value / weightMean);
  const average = (pick: (row: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < table.rows; row++) sum += (weight[row] as number) * pick(row);
    return sum / table.rows;
  };
  const raw = (row: number, column: number): number =>
    table.values[row * table.names.length + column] as number;
  const scales = columns.map((column) => {
    const mean = average((row) => raw(row, column));
    return { column, mean, spread: deviation(table.rows, (row) => raw(row, column)) };
  });
  const scaled = (row: number, k: number): number => {
    const { column, mean, spread } = scales[k] as (typeof scales)[number];
    return (raw(row, column) - mean) / spread;
  };
  const base = average((row) => target[row] as number);
  const size = columns.length;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    right[i] = table.rows * average((row) => scaled(row, i) * ((target[row] as number) - base));
    for (let j = 0; j < size; j++) {
      const sum = table.rows * average((row) => scaled(row, i) * scaled(row, j));
      matrix[i * size + j] = sum + (i === j ? o.penalty : 0);
    }
  }
  const solved = solveSymmetric(matrix, right);
  const weights = new Float64Array(table.names.length);
  let shifted = base;
  scales.forEach(({ column, mean, spread }, k) => {
    weights[column] = (solved[k] as number) / spread;
    shifted -= ((solved[k] as number) * mean) / spread;
  });
  return { base: shifted, weights, low, high };
}

/** The mean of models that were fitted to the same table: again one linear model. */
export function meanOfLinear(models: readonly ClippedLinear[]): ClippedLinear {
  const [first] = models;
  const share = 1 / models.length;
  const weights = new Float64Array(first?.weights.length ?? 0);
  for (const model of models)
    model.weights.forEach((w, at) => {
      weights[at] = (weights[at] as number) + share * w;
    });
  const base = models.reduce((sum, model) => sum + share * model.base, 0);
  return {
    base,
    weights,
    low: first?.low ?? new Float32Array(),
    high: first?.high ?? new Float32Array(),
  };
}

export function predictLinear(model: ClippedLinear, table: FeatureTable): Float64Array {
  return Float64Array.from({ length: table.rows }, (_, row) =>
    model.weights.reduce((sum, weight, column) => {
      const value = table.values[row * table.names.length + column] as number;
      const held = Math.min(
        model.high[column] as number,
        Math.max(model.low[column] as number, value),
      );
      return sum + weight * held;
    }, model.base),
  );
}

function ranges(table: FeatureTable): { low: Float32Array; high: Float32Array } {
  const width = table.names.length;
  const low = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  table.values.forEach((value, at) => {
    low[at % width] = Math.min(low[at % width] as number, value);
    high[at % width] = Math.max(high[at % width] as number, value);
  });
  const beyond = low.map((value, at) => reach * ((high[at] as number) - value));
  return {
    low: low.map((value, at) => value - (beyond[at] as number)),
    high: high.map((value, at) => value + (beyond[at] as number)),
  };
}

function deviation(rows: number, pick: (row: number) => number): number {
  let sum = 0;
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    sum += pick(row);
    squares += pick(row) ** 2;
  }
  return Math.sqrt(Math.max(1e-18, squares / rows - (sum / rows) ** 2));
}
