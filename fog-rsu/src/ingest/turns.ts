/** Lets what was begun one after the other, per key, also end one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves as the work does, but not before everything that took its turn earlier under the key. */
  async inTurn<T>(key: string, work: Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work : before.then(() => work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }

  /** Keys with work under way. */
  get size(): number {
    return this.#last.size;
  }
}
