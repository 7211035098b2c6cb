/** The median of the last few values: one slow answer does not move it. */
export class MovingMedian {
  readonly #window: number;
  #values: number[] = [];

  constructor(options: { window: number }) {
    this.#window = options.window;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#window) this.#values.shift();
  }

  /** The least and the greatest; undefined until the window is full. */
  get range(): { readonly low: number; readonly high: number } | undefined {
    if (this.#values.length < this.#window) return undefined;
    return { low: Math.min(...this.#values), high: Math.max(...this.#values) };
  }

  /** Undefined before the first value; the mean of the middle two for an even count. */
  get value(): number | undefined {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const high = sorted[sorted.length >> 1];
    const low = sorted[(sorted.length - 1) >> 1];
    return high === undefined || low === undefined ? undefined : (high + low) / 2;
  }
}
