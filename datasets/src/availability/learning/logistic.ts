import { SeededRandom } from "@voltfog/runtime";
import { AdamWeights } from "./adam.ts";
import type { FeatureTable } from "./feature-bins.ts";
import { loadRow, type Scale, shuffled, standardScale } from "./standard-scale.ts";

export interface LogisticRules {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** L2 penalty on weights of standardised features. */
  readonly penalty: number;
  readonly seed: number;
}

/** Scores are features × weights + bias; weights are feature by feature, class by class. */
export interface LinearClasses {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Multinomial logistic regression by Adam (Kingma and Ba 2015) on standardised features. */
export function fitLogistic(
  rows: { table: FeatureTable; labels: Uint8Array },
  o: { classCount: number; rules: LogisticRules; onEpoch: (done: number, total: number) => void },
): LinearClasses {
  const { table, labels } = rows;
  const { classCount, rules } = o;
  const scale = standardScale(table);
  const step = new LogisticStep({ width: table.names.length, classCount, rules });
  const random = new SeededRandom(rules.seed);
  const order = new Int32Array(table.rowCount).map((_, row) => row);
  for (let epoch = 0; epoch < rules.epochs; epoch++) {
    shuffled(order, random);
    for (let from = 0; from < order.length; from += rules.batch) {
      const batch = order.subarray(from, from + rules.batch);
      step.take({ table, labels, scale, batch });
    }
    o.onEpoch(epoch + 1, rules.epochs);
  }
  return step.unscaled(scale);
}

/** Class probabilities of one row, as the served graph computes them. */
export function linearShares(
  { weights, bias }: LinearClasses,
  { table, row }: { table: FeatureTable; row: number },
): Float64Array {
  const [width, classCount] = [table.names.length, bias.length];
  const scores = Float64Array.from(bias);
  for (let feature = 0; feature < width; feature++) {
    const value = table.values[row * width + feature] ?? 0;
    for (let c = 0; c < classCount; c++) {
      scores[c] = (scores[c] ?? 0) + value * (weights[feature * classCount + c] ?? 0);
    }
  }
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

class LogisticStep {
  readonly #width: number;
  readonly #classCount: number;
  readonly #rules: LogisticRules;
  /** (width + 1) × classCount; the last row is the bias. */
  readonly #weights: AdamWeights;
  readonly #row: Float64Array;
  readonly #scores: Float64Array;

  constructor(o: { width: number; classCount: number; rules: LogisticRules }) {
    const size = (o.width + 1) * o.classCount;
    this.#width = o.width;
    this.#classCount = o.classCount;
    this.#rules = o.rules;
    this.#weights = new AdamWeights(new Float64Array(size));
    this.#row = new Float64Array(o.width + 1);
    this.#row[o.width] = 1;
    this.#scores = new Float64Array(o.classCount);
  }

  take(o: { table: FeatureTable; labels: Uint8Array; scale: Scale; batch: Int32Array }): void {
    for (const row of o.batch) {
      loadRow({ ...o, row }, this.#row);
      this.#addGradient(o.labels[row] ?? 0, 1 / o.batch.length);
    }
    this.#weights.descend(this.#rules);
  }

  /** The same scores on features as they are. */
  unscaled({ mean, factor }: Scale): LinearClasses {
    const count = this.#classCount;
    const bias = new Float32Array(count);
    const weights = new Float32Array(this.#width * count);
    for (let c = 0; c < count; c++) {
      let constant = this.#weights.values[this.#width * count + c] ?? 0;
      for (let feature = 0; feature < this.#width; feature++) {
        const weight = (this.#weights.values[feature * count + c] ?? 0) * (factor[feature] ?? 0);
        weights[feature * count + c] = weight;
        constant -= weight * (mean[feature] ?? 0);
      }
      bias[c] = constant;
    }
    return { weights, bias };
  }

  #addGradient(label: number, share: number): void {
    const count = this.#classCount;
    const { gradient } = this.#weights;
    this.#score();
    const most = Math.max(...this.#scores);
    const sum = this.#scores.reduce((total, score) => total + Math.exp(score - most), 0);
    for (let c = 0; c < count; c++) {
      const error = Math.exp((this.#scores[c] ?? 0) - most) / sum - (c === label ? 1 : 0);
      for (let feature = 0; feature <= this.#width; feature++) {
        const at = feature * count + c;
        gradient[at] = (gradient[at] ?? 0) + share * error * (this.#row[feature] ?? 0);
      }
    }
  }

  #score(): void {
    const [count, scores] = [this.#classCount, this.#scores];
    scores.fill(0);
    for (let feature = 0; feature <= this.#width; feature++) {
      const value = this.#row[feature] ?? 0;
      for (let c = 0; c < count; c++) {
        scores[c] = (scores[c] ?? 0) + value * (this.#weights.values[feature * count + c] ?? 0);
      }
    }
  }
}
