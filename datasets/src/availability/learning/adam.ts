/** Weights that follow their gradient with Adam (Kingma and Ba 2015). */
export class AdamWeights {
  readonly values: Float64Array;
  /** Filled by the caller between two steps. */
  readonly gradient: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #steps = 0;

  constructor(values: Float64Array) {
    this.values = values;
    this.gradient = new Float64Array(values.length);
    this.#first = new Float64Array(values.length);
    this.#second = new Float64Array(values.length);
  }

  /** One step down the gradient with an L2 penalty; the gradient is empty afterwards. */
  descend({ learningRate, penalty }: { learningRate: number; penalty: number }): void {
    const [keepFirst, keepSecond] = [0.9, 0.999];
    this.#steps++;
    const size =
      (learningRate * Math.sqrt(1 - keepSecond ** this.#steps)) / (1 - keepFirst ** this.#steps);
    for (let i = 0; i < this.values.length; i++) {
      const slope = (this.gradient[i] ?? 0) + penalty * (this.values[i] ?? 0);
      const first = keepFirst * (this.#first[i] ?? 0) + (1 - keepFirst) * slope;
      const second = keepSecond * (this.#second[i] ?? 0) + (1 - keepSecond) * slope * slope;
      this.#first[i] = first;
      this.#second[i] = second;
      this.values[i] = (this.values[i] ?? 0) - (size * first) / (Math.sqrt(second) + 1e-8);
    }
    this.gradient.fill(0);
  }
}
