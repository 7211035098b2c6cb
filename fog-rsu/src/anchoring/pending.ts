interface Sent {
  readonly nonce: number;
  readonly at_ms: number;
}

/** What was handed in and is not known to be final. */
export class Pending {
  readonly #patience_ms: number;
  readonly #sent = new Map<string, Sent>();

  constructor(options: { patience_ms: number }) {
    this.#patience_ms = options.patience_ms;
  }

  /** True when it was never sent, or so long ago that it counts as lost. */
  isDue(key: string, now_ms: number): boolean {
    const sent = this.#sent.get(key);
    return sent === undefined || now_ms - sent.at_ms >= this.#patience_ms;
  }

  begin(key: string, sent: Sent): void {
    this.#sent.set(key, sent);
  }

  end(key: string): void {
    this.#sent.delete(key);
  }

  /** Ends everything up to a nonce that the chain has executed; gives what it was. */
  endUpTo(nonce: number): readonly string[] {
    const ended = [...this.#sent].filter(([, sent]) => sent.nonce <= nonce).map(([key]) => key);
    for (const key of ended) this.#sent.delete(key);
    return ended;
  }

  get size(): number {
    return this.#sent.size;
  }
}
