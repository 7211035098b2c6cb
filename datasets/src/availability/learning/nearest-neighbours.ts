import { SeededRandom } from "@voltfog/runtime";
import type { FeatureTable } from "./feature-bins.ts";
import { shuffled, standardScale } from "./standard-scale.ts";

export interface NeighbourRules {
  /** Rows that are kept to be compared with. */
  readonly references: number;
  readonly neighbours: number;
  /** Neighbours' worth of the classes' overall shares that is mixed in. */
  readonly prior: number;
  readonly seed: number;
}

/** Rows to compare with, each with its class. */
export interface NearestNeighbours {
  readonly mean: Float32Array;
  /** Per feature: reciprocal deviation times how well the feature tells classes apart. */
  readonly factor: Float32Array;
  /** References by feature, scaled. */
  readonly references: Float32Array;
  readonly labels: Uint8Array;
  readonly shares: Float32Array;
}

/**
 * Rows drawn by chance, as k nearest neighbours (Cover and Hart 1967) compare with. Features are
 * standardised and weighed by their correlation ratio with the class, so that noise does not decide.
 */
export function fitNeighbours(
  rows: { table: FeatureTable; labels: Uint8Array },
  o: { classCount: number; rules: NeighbourRules },
): NearestNeighbours {
  const { table, labels } = rows;
  const width = table.names.length;
  const scale = standardScale(table);
  const ratios = correlationRatios(rows, o.classCount);
  const factor = Float32Array.from(scale.factor, (one, i) => one * Math.sqrt(ratios[i] ?? 0));
  const mean = Float32Array.from(scale.mean);
  const order = new Int32Array(table.rowCount).map((_, row) => row);
  const kept = shuffled(order, new SeededRandom(o.rules.seed))
    .subarray(0, o.rules.references)
    .sort();
  const references = new Float32Array(kept.length * width);
  for (const [place, row] of kept.entries()) {
    for (let i = 0; i < width; i++) {
      const value = (table.values[row * width + i] ?? 0) - (mean[i] ?? 0);
      references[place * width + i] = value * (factor[i] ?? 0);
    }
  }
  const shares = new Float32Array(o.classCount);
  for (const label of labels) shares[label] = (shares[label] ?? 0) + 1 / labels.length;
  return {
    mean,
    factor,
    references,
    shares,
    labels: Uint8Array.from(kept, (row) => labels[row] ?? 0),
  };
}

/** Class probabilities of one row, as the served graph computes them. */
export function neighbourShares(
  model: NearestNeighbours,
  o: { table: FeatureTable; row: number; rules: NeighbourRules },
): Float64Array {
  const { mean, factor, references, labels, shares } = model;
  const width = mean.length;
  const distances = Float64Array.from(labels, (_, place) => {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const value = (o.table.values[o.row * width + i] ?? 0) - (mean[i] ?? 0);
      sum += (value * (factor[i] ?? 0) - (references[place * width + i] ?? 0)) ** 2;
    }
    return sum;
  });
  const nearest = [...distances.keys()]
    .sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b)
    .slice(0, o.rules.neighbours);
  const counts = Float64Array.from(shares, (share) => o.rules.prior * share);
  for (const place of nearest) {
    const label = labels[place] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts.map((count) => count / (nearest.length + o.rules.prior));
}

/** Share of each feature's variance that lies between classes, 0 to 1 (Fisher's correlation ratio). */
function correlationRatios(
  { table, labels }: { table: FeatureTable; labels: Uint8Array },
  classCount: number,
): Float64Array {
  const width = table.names.length;
  const counts = new Float64Array(classCount);
  const sums = new Float64Array(classCount * width);
  const squares = new Float64Array(width);
  for (let row = 0; row < table.rowCount; row++) {
    const label = labels[row] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
    for (let i = 0; i < width; i++) {
      const value = table.values[row * width + i] ?? 0;
      sums[label * width + i] = (sums[label * width + i] ?? 0) + value;
      squares[i] = (squares[i] ?? 0) + value * value;
    }
  }
  return squares.map((square, i) => {
    let [total, between] = [0, 0];
    for (let c = 0; c < classCount; c++) {
      const sum = sums[c * width + i] ?? 0;
      total += sum;
      between += (counts[c] ?? 0) > 0 ? sum ** 2 / (counts[c] ?? 1) : 0;
    }
    const middle = total ** 2 / table.rowCount;
    const spread = square - middle;
    return spread > 1e-9 ? Math.min(1, Math.max(0, (between - middle) / spread)) : 0;
  });
}
