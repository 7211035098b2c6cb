/** A token bucket over bytes: a second's worth may be spent at once, and refills steadily. */
export class ByteAllowance {
  readonly #rate_bytes: number;
  #left_bytes: number;
  #refilled_ms: number;

  constructor(options: { rate_bytes: number; now_ms: number }) {
    this.#rate_bytes = options.rate_bytes;
    this.#left_bytes = options.rate_bytes;
    this.#refilled_ms = options.now_ms;
  }

  /** Spends, below zero too: what was already received is never thrown away, the next read waits. */
  spend(cost_bytes: number): void {
    this.#left_bytes -= cost_bytes;
  }

  /** How long until something may be spent again; 0 when it may be now. */
  wait_ms(now_ms: number): number {
    const earned_bytes = ((now_ms - this.#refilled_ms) * this.#rate_bytes) / 1000;
    this.#left_bytes = Math.min(this.#rate_bytes, this.#left_bytes + earned_bytes);
    this.#refilled_ms = now_ms;
    return this.#left_bytes > 0 ? 0 : Math.ceil((1000 * -this.#left_bytes) / this.#rate_bytes) + 1;
  }
}
