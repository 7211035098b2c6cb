import { normal, SeededRandom } from "@voltfog/runtime";
import { AdamWeights } from "./adam.ts";
import type { FeatureTable } from "./feature-bins.ts";
import { loadRow, type Scale, shuffled, standardScale } from "./standard-scale.ts";

export interface NetworkRules {
  /** Rectified units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly penalty: number;
  readonly seed: number;
}

/** One layer: outputs are inputs × weights + bias; weights are input by input, output by output. */
export interface NetworkLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** A network of rectified layers whose last one gives the scores of a softmax. */
export interface NeuralNetwork {
  readonly scale: Scale;
  readonly layers: readonly NetworkLayer[];
}

/** Backpropagation with Adam on standardised features; He's start (2015). */
export function fitNetwork(
  rows: { table: FeatureTable; labels: Uint8Array },
  o: { classCount: number; rules: NetworkRules; onEpoch: (done: number, total: number) => void },
): NeuralNetwork {
  const { table, labels } = rows;
  const { rules } = o;
  const random = new SeededRandom(rules.seed);
  const scale = standardScale(table);
  const widths = [table.names.length, ...rules.hidden, o.classCount];
  const layers = widths.slice(1).map((outputs, i) => {
    return new Layer({
      inputs: widths[i] ?? 0,
      outputs,
      random,
      isLast: i === rules.hidden.length,
    });
  });
  const order = new Int32Array(table.rowCount).map((_, row) => row);
  const first = layers[0]?.input ?? new Float64Array();
  for (let epoch = 0; epoch < rules.epochs; epoch++) {
    shuffled(order, random);
    // Smaller steps towards the end settle the weights.
    const learningRate = rules.learningRate * (1 - epoch / rules.epochs);
    for (let from = 0; from < order.length; from += rules.batch) {
      const batch = order.subarray(from, from + rules.batch);
      for (const row of batch) {
        loadRow({ table, scale, row }, first);
        learnRow(layers, { label: labels[row] ?? 0, share: 1 / batch.length });
      }
      for (const layer of layers) layer.descend({ learningRate, penalty: rules.penalty });
    }
    o.onEpoch(epoch + 1, rules.epochs);
  }
  return { scale, layers: layers.map((layer) => layer.finished()) };
}

/** Class probabilities of one row, as the served graph computes them. */
export function networkShares(
  { scale, layers }: NeuralNetwork,
  { table, row }: { table: FeatureTable; row: number },
): Float64Array {
  let values: Float64Array = new Float64Array(table.names.length);
  loadRow({ table, scale, row }, values);
  for (const [i, { inputs, outputs, weights, bias }] of layers.entries()) {
    const next = Float64Array.from(bias);
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        next[output] =
          (next[output] ?? 0) + (values[input] ?? 0) * (weights[input * outputs + output] ?? 0);
      }
    }
    values = i < layers.length - 1 ? next.map((value) => Math.max(0, value)) : next;
  }
  return softmax(values);
}

/** Adds one row's gradient. The row stands in the first layer's input. */
function learnRow(layers: readonly Layer[], o: { label: number; share: number }): void {
  for (const [i, layer] of layers.entries()) layer.forward(layers[i + 1]?.input);
  const last = layers.at(-1);
  if (last === undefined) return;
  const shares = softmax(last.output);
  for (let c = 0; c < shares.length; c++) {
    last.error[c] = o.share * ((shares[c] ?? 0) - (c === o.label ? 1 : 0));
  }
  for (let i = layers.length - 1; i >= 0; i--) layers[i]?.backward(layers[i - 1]?.error);
}

function softmax(scores: Float64Array): Float64Array {
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

class Layer {
  readonly input: Float64Array;
  readonly output: Float64Array;
  /** Slope of the loss in the outputs. */
  readonly error: Float64Array;
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #isLast: boolean;
  readonly #weights: AdamWeights;
  readonly #bias: AdamWeights;

  constructor(o: { inputs: number; outputs: number; random: SeededRandom; isLast: boolean }) {
    this.#inputs = o.inputs;
    this.#outputs = o.outputs;
    this.#isLast = o.isLast;
    this.input = new Float64Array(o.inputs);
    this.output = new Float64Array(o.outputs);
    this.error = new Float64Array(o.outputs);
    const spread = Math.sqrt(2 / o.inputs);
    const start = new Float64Array(o.inputs * o.outputs).map(() => spread * normal(o.random));
    this.#weights = new AdamWeights(start);
    this.#bias = new AdamWeights(new Float64Array(o.outputs));
  }

  /** Outputs from inputs, rectified into the next layer's inputs. */
  forward(next: Float64Array | undefined): void {
    const { values } = this.#weights;
    this.output.set(this.#bias.values);
    for (let input = 0; input < this.#inputs; input++) {
      const value = this.input[input] ?? 0;
      if (value === 0) continue;
      const at = input * this.#outputs;
      for (let output = 0; output < this.#outputs; output++) {
        this.output[output] = (this.output[output] ?? 0) + value * (values[at + output] ?? 0);
      }
    }
    if (next === undefined) return;
    for (let output = 0; output < this.#outputs; output++) {
      next[output] = Math.max(0, this.output[output] ?? 0);
    }
  }

  /** Gradients from the outputs' error, and the error of the layer before. */
  backward(before: Float64Array | undefined): void {
    const { values, gradient } = this.#weights;
    this.#backThroughRectifier();
    for (let input = 0; input < this.#inputs; input++) {
      const value = this.input[input] ?? 0;
      const at = input * this.#outputs;
      let back = 0;
      for (let output = 0; output < this.#outputs; output++) {
        const error = this.error[output] ?? 0;
        gradient[at + output] = (gradient[at + output] ?? 0) + value * error;
        back += error * (values[at + output] ?? 0);
      }
      if (before !== undefined) before[input] = back;
    }
  }

  /** A unit that gave nothing has no slope. */
  #backThroughRectifier(): void {
    const bias = this.#bias.gradient;
    for (let output = 0; output < this.#outputs; output++) {
      if (!this.#isLast && (this.output[output] ?? 0) <= 0) this.error[output] = 0;
      bias[output] = (bias[output] ?? 0) + (this.error[output] ?? 0);
    }
  }

  descend(rules: { learningRate: number; penalty: number }): void {
    this.#weights.descend(rules);
    this.#bias.descend({ ...rules, penalty: 0 });
  }

  finished(): NetworkLayer {
    const [weights, bias] = [this.#weights.values, this.#bias.values];
    return { inputs: this.#inputs, outputs: this.#outputs, weights, bias };
  }
}
