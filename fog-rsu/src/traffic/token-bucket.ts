/** A second's worth may be spent at once, and refills steadily. */
export class TokenBucket {
  #rate: number;
  #left: number;
  #refilled_ms: number;

  constructor(options: { rate: number; now_ms: number }) {
    this.#rate = options.rate;
    this.#left = options.rate;
    this.#refilled_ms = options.now_ms;
  }

  /** Spends, below zero too: what was already received is never thrown away, the next read waits. */
  spend(cost: number): void {
    this.#left -= cost;
  }

  /** How long until something may be spent again; 0 when it may be now. */
  wait_ms(now_ms: number): number {
    const earned = ((now_ms - this.#refilled_ms) * this.#rate) / 1000;
    this.#left = Math.min(this.#rate, this.#left + earned);
    this.#refilled_ms = now_ms;
    return this.#left > 0 ? 0 : Math.ceil((1000 * -this.#left) / this.#rate) + 1;
  }

  /** What may be spent now without overdrawing. */
  get left(): number {
    return this.#left;
  }

  /** From now on another rate; what was overdrawn stays overdrawn, as time at the new rate. */
  change(options: { rate: number; now_ms: number }): void {
    this.wait_ms(options.now_ms);
    this.#rate = options.rate;
    this.#left = Math.min(this.#left, options.rate);
    // A debt from a wide limit may not keep a device silent for longer than a read at the narrow one.
    this.#left = Math.max(this.#left, -options.rate);
  }
}
