/**
 * This process's own numbers for validators' ids. A number is never given twice, so what is kept about a
 * peer elsewhere is never another's. Only ids that a certificate vouches for come here, so their count is
 * that of the certificates that were ever made.
 */
export class PeerNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];

  /** The number of an id, given now where it has none. */
  of(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#ids.push(id) - 1;
    this.#numbers.set(id, number);
    return number;
  }

  find(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  idOf(number: number): string | undefined {
    return this.#ids[number];
  }
}
