import { normal, SeededRandom } from "@voltfog/runtime";
import type { FeatureTable } from "./feature-bins.ts";
import { fitLogistic, type LinearClasses } from "./logistic.ts";
import { loadRow, type Scale, shuffled, standardScale } from "./standard-scale.ts";

export interface SupportRules {
  /** Random cosines that stand for the Gaussian kernel. */
  readonly cosines: number;
  readonly epochs: number;
  /** Weight of the margin's width against its breaches (Pegasos' lambda). */
  readonly lambda: number;
  /** Last part of the rows, on which scores become probabilities. */
  readonly calibrationShare: number;
  readonly seed: number;
}

/**
 * One class against the others, each by a margin that is linear in the standardised features and in random
 * cosines of them; a softmax over all margins gives probabilities.
 */
export interface SupportVectors {
  readonly scale: Scale;
  /** Feature by feature, cosine by cosine. */
  readonly directions: Float32Array;
  readonly phases: Float32Array;
  /** (cosines + features) by class; cosines first. */
  readonly margins: Float32Array;
  readonly offsets: Float32Array;
  readonly probabilities: LinearClasses;
}

/**
 * Support vector machine by Pegasos (Shalev-Shwartz et al. 2011, averaged) on random Fourier features of a
 * Gaussian kernel of width √features (Rahimi and Recht 2007), calibrated by a softmax on rows that the
 * margins were not fitted to (after Platt 1999).
 */
export function fitSupportVectors(
  rows: { table: FeatureTable; labels: Uint8Array },
  o: { classCount: number; rules: SupportRules; onEpoch: (done: number, total: number) => void },
): SupportVectors {
  const { table, labels } = rows;
  const { classCount, rules } = o;
  const random = new SeededRandom(rules.seed);
  const width = table.names.length;
  const scale = standardScale(table);
  const spread = Math.sqrt(2 / width);
  const directions = new Float32Array(width * rules.cosines).map(() => spread * normal(random));
  const phases = new Float32Array(rules.cosines).map(() => 2 * Math.PI * random.uniform());
  const view = new KernelView({ table, scale, directions, phases });
  const learnt = Math.floor(table.rowCount * (1 - rules.calibrationShare));
  const fitted = pegasos({ view, labels, learnt, classCount, rules, random, onEpoch: o.onEpoch });
  const scored = marginTable({ view, ...fitted, classCount, from: learnt });
  const probabilities = fitLogistic(
    { table: scored, labels: labels.subarray(learnt) },
    {
      classCount,
      rules: { epochs: 20, batch: 128, learningRate: 0.01, penalty: 1e-5, seed: rules.seed },
      onEpoch: () => {},
    },
  );
  return { scale, directions, phases, ...fitted, probabilities };
}

/** Class probabilities of one row, as the served graph computes them. */
export function supportShares(
  model: SupportVectors,
  { table, row }: { table: FeatureTable; row: number },
): Float64Array {
  const { offsets, probabilities } = model;
  const classCount = offsets.length;
  const view = new KernelView({ table, ...model });
  const margins = marginsOf({ view, row, ...model });
  const scores = Float64Array.from(probabilities.bias);
  for (let c = 0; c < classCount; c++) {
    for (let to = 0; to < classCount; to++) {
      const weight = probabilities.weights[c * classCount + to] ?? 0;
      scores[to] = (scores[to] ?? 0) + (margins[c] ?? 0) * weight;
    }
  }
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

interface KernelSource {
  readonly table: FeatureTable;
  readonly scale: Scale;
  readonly directions: Float32Array;
  readonly phases: Float32Array;
}

/** Rows as the kernel sees them: cosines, then the standardised features. */
class KernelView {
  readonly values: Float64Array;
  readonly #o: KernelSource;
  readonly #row: Float64Array;

  constructor(o: KernelSource) {
    this.#o = o;
    this.#row = new Float64Array(o.table.names.length);
    this.values = new Float64Array(o.phases.length + o.table.names.length);
  }

  get rowCount(): number {
    return this.#o.table.rowCount;
  }

  load(row: number): void {
    const { table, scale, directions, phases } = this.#o;
    const cosines = phases.length;
    loadRow({ table, scale, row }, this.#row);
    this.values.set(phases);
    for (let feature = 0; feature < this.#row.length; feature++) {
      const value = this.#row[feature] ?? 0;
      if (value === 0) continue;
      const at = feature * cosines;
      for (let i = 0; i < cosines; i++) {
        this.values[i] = (this.values[i] ?? 0) + value * (directions[at + i] ?? 0);
      }
    }
    for (let i = 0; i < cosines; i++) this.values[i] = Math.cos(this.values[i] ?? 0);
    this.values.set(this.#row, cosines);
  }
}

interface Margins {
  readonly margins: Float32Array;
  readonly offsets: Float32Array;
}

/** Averaged stochastic subgradient steps on the hinge loss, all classes in one pass. */
function pegasos(o: {
  view: KernelView;
  labels: Uint8Array;
  learnt: number;
  classCount: number;
  rules: SupportRules;
  random: SeededRandom;
  onEpoch: (done: number, total: number) => void;
}): Margins {
  const { view, labels, classCount, rules } = o;
  const width = view.values.length;
  const weights = new Float64Array((width + 1) * classCount);
  const sums = new Float64Array(weights.length);
  const order = new Int32Array(o.learnt).map((_, row) => row);
  let averaged = 0;
  let step = 0;
  for (let epoch = 0; epoch < rules.epochs; epoch++) {
    for (const row of shuffled(order, o.random)) {
      view.load(row);
      step++;
      learnRow({ values: view.values, weights, classCount, rules, step, label: labels[row] ?? 0 });
      // The first pass only finds the neighbourhood of the solution.
      const isCounted = epoch > 0 || rules.epochs === 1;
      if (!isCounted || step % averageEvery !== 0) continue;
      averaged++;
      addTo(sums, weights);
    }
    o.onEpoch(epoch + 1, rules.epochs);
  }
  const mean = Float32Array.from(sums, (sum) => sum / Math.max(1, averaged));
  return {
    margins: mean.subarray(0, width * classCount),
    offsets: mean.subarray(width * classCount),
  };
}

const averageEvery = 32;

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0);
}

function learnRow(o: {
  values: Float64Array;
  weights: Float64Array;
  classCount: number;
  rules: SupportRules;
  step: number;
  label: number;
}): void {
  const { values, weights, classCount, rules, step } = o;
  const size = 1 / (rules.lambda * (step + 1 / rules.lambda));
  const bias = values.length * classCount;
  for (let c = 0; c < classCount; c++) {
    const side = c === o.label ? 1 : -1;
    let margin = weights[bias + c] ?? 0;
    for (let i = 0; i < values.length; i++) {
      margin += (values[i] ?? 0) * (weights[i * classCount + c] ?? 0);
    }
    const push = side * margin < 1 ? size * side : 0;
    const keep = 1 - size * rules.lambda;
    for (let i = 0; i < values.length; i++) {
      const at = i * classCount + c;
      weights[at] = keep * (weights[at] ?? 0) + push * (values[i] ?? 0);
    }
    weights[bias + c] = (weights[bias + c] ?? 0) + push;
  }
}

function marginsOf(o: { view: KernelView; row: number } & Margins): Float64Array {
  const { view, margins, offsets } = o;
  view.load(o.row);
  const classCount = offsets.length;
  const out = Float64Array.from(offsets);
  for (let i = 0; i < view.values.length; i++) {
    for (let c = 0; c < classCount; c++) {
      out[c] = (out[c] ?? 0) + (view.values[i] ?? 0) * (margins[i * classCount + c] ?? 0);
    }
  }
  return out;
}

function marginTable(
  o: { view: KernelView; classCount: number; from: number } & Margins,
): FeatureTable {
  const { classCount, from, view } = o;
  const rowCount = view.rowCount - from;
  const values = new Float32Array(rowCount * classCount);
  for (let row = 0; row < rowCount; row++) {
    values.set(marginsOf({ ...o, row: from + row }), row * classCount);
  }
  const names = Array.from({ length: classCount }, (_, c) => `margin ${c}`);
  return { names, rowCount, values };
}
