/**
 * A map with a bound that keeps what was used lately: never more than `limit` entries, and always the last half
 * as many that were set or got. Every call costs the same; a Map that gives up its first key walks over the
 * places of all that went before it.
 */
export class RecentMap<K, V> {
  readonly #half: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(options: { limit: number }) {
    this.#half = Math.max(1, Math.floor(options.limit / 2));
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
