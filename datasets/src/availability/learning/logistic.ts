import { SeededRandom } from "@voltfog/runtime";
import type { FeatureTable } from "./feature-bins.ts";

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
  const step = new AdamStep({ width: table.names.length, classCount, rules });
  const random = new SeededRandom(rules.seed);
  const order = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  for (let epoch = 0; epoch < rules.epochs; epoch++) {
    shuffle(order, random);
    for (let from = 0; from < order.length; from += rules.batch) {
      const batch = order.subarray(from, from + rules.batch);
      step.take({ table, labels, scale, batch });
    }
    o.onEpoch(epoch + 1, rules.epochs);
  }
  return step.unscaled(scale);
}

interface Scale {
  readonly mean: Float64Array;
  /** Reciprocal of the standard deviation; 0 for a constant feature. */
  readonly factor: Float64Array;
}

function standardScale(table: FeatureTable): Scale {
  const width = table.names.length;
  const mean = new Float64Array(width);
  const factor = new Float64Array(width);
  for (let feature = 0; feature < width; feature++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < table.rowCount; row++) {
      const value = table.values[row * width + feature] ?? 0;
      sum += value;
      squares += value * value;
    }
    const average = sum / table.rowCount;
    const variance = squares / table.rowCount - average ** 2;
    mean[feature] = average;
    factor[feature] = variance > 1e-9 ? 1 / Math.sqrt(variance) : 0;
  }
  return { mean, factor };
}

class AdamStep {
  readonly #width: number;
  readonly #classCount: number;
  readonly #rules: LogisticRules;
  /** (width + 1) × classCount; the last row is the bias. */
  readonly #weights: Float64Array;
  readonly #gradient: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #row: Float64Array;
  readonly #scores: Float64Array;
  #steps = 0;

  constructor(o: { width: number; classCount: number; rules: LogisticRules }) {
    const size = (o.width + 1) * o.classCount;
    this.#width = o.width;
    this.#classCount = o.classCount;
    this.#rules = o.rules;
    this.#weights = new Float64Array(size);
    this.#gradient = new Float64Array(size);
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#row = new Float64Array(o.width + 1);
    this.#scores = new Float64Array(o.classCount);
  }

  take(o: { table: FeatureTable; labels: Uint8Array; scale: Scale; batch: Int32Array }): void {
    this.#gradient.fill(0);
    for (const row of o.batch) {
      this.#load(o.table, o.scale, row);
      this.#addGradient(o.labels[row] ?? 0, 1 / o.batch.length);
    }
    this.#descend();
  }

  /** The same scores on features as they are. */
  unscaled({ mean, factor }: Scale): LinearClasses {
    const count = this.#classCount;
    const bias = new Float32Array(count);
    const weights = new Float32Array(this.#width * count);
    for (let c = 0; c < count; c++) {
      let constant = this.#weights[this.#width * count + c] ?? 0;
      for (let feature = 0; feature < this.#width; feature++) {
        const weight = (this.#weights[feature * count + c] ?? 0) * (factor[feature] ?? 0);
        weights[feature * count + c] = weight;
        constant -= weight * (mean[feature] ?? 0);
      }
      bias[c] = constant;
    }
    return { weights, bias };
  }

  #load(table: FeatureTable, { mean, factor }: Scale, row: number): void {
    for (let feature = 0; feature < this.#width; feature++) {
      const value = (table.values[row * this.#width + feature] ?? 0) - (mean[feature] ?? 0);
      this.#row[feature] = value * (factor[feature] ?? 0);
    }
    this.#row[this.#width] = 1;
  }

  #addGradient(label: number, share: number): void {
    const count = this.#classCount;
    this.#score();
    const most = Math.max(...this.#scores);
    const sum = this.#scores.reduce((total, score) => total + Math.exp(score - most), 0);
    for (let c = 0; c < count; c++) {
      const error = Math.exp((this.#scores[c] ?? 0) - most) / sum - (c === label ? 1 : 0);
      for (let feature = 0; feature <= this.#width; feature++) {
        const at = feature * count + c;
        this.#gradient[at] = (this.#gradient[at] ?? 0) + share * error * (this.#row[feature] ?? 0);
      }
    }
  }

  #score(): void {
    const [count, scores] = [this.#classCount, this.#scores];
    scores.fill(0);
    for (let feature = 0; feature <= this.#width; feature++) {
      const value = this.#row[feature] ?? 0;
      for (let c = 0; c < count; c++) {
        scores[c] = (scores[c] ?? 0) + value * (this.#weights[feature * count + c] ?? 0);
      }
    }
  }

  #descend(): void {
    const { learningRate, penalty } = this.#rules;
    const [keepFirst, keepSecond] = [0.9, 0.999];
    this.#steps++;
    const size =
      (learningRate * Math.sqrt(1 - keepSecond ** this.#steps)) / (1 - keepFirst ** this.#steps);
    for (let i = 0; i < this.#weights.length; i++) {
      const slope = (this.#gradient[i] ?? 0) + penalty * (this.#weights[i] ?? 0);
      const first = keepFirst * (this.#first[i] ?? 0) + (1 - keepFirst) * slope;
      const second = keepSecond * (this.#second[i] ?? 0) + (1 - keepSecond) * slope * slope;
      this.#first[i] = first;
      this.#second[i] = second;
      this.#weights[i] = (this.#weights[i] ?? 0) - (size * first) / (Math.sqrt(second) + 1e-8);
    }
  }
}

function shuffle(order: Int32Array, random: SeededRandom): void {
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random.uniform() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = kept;
  }
}
