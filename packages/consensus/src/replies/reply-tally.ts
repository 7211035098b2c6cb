import { toHex } from "@voltfog/runtime";

/**
 * Counts what validators say about one thing until enough say the same: with f + 1 of them at least one
 * is correct, and what a correct one says of a final block never changes. Who speaks twice counts once,
 * by the first word; who is no validator, not at all. The caller knows by the connection who spoke.
 */
export class ReplyTally {
  readonly #validators: ReadonlySet<string>;
  readonly #needed: number;
  readonly #said = new Map<string, string>();

  /** `needed` is f + 1 of these validators. */
  constructor(options: { validators: Iterable<string>; needed: number }) {
    this.#validators = new Set(options.validators);
    this.#needed = options.needed;
  }

  /** Notes a validator's statement; gives it once enough have said exactly that, undefined before. */
  take(validator: string, statement: Uint8Array): Uint8Array | undefined {
    if (!this.#validators.has(validator)) return undefined;
    const name = toHex(statement);
    if (!this.#said.has(validator)) this.#said.set(validator, name);
    return this.saying(statement).length >= this.#needed ? statement : undefined;
  }

  /** Who says exactly this, in the order in which they said it. */
  saying(statement: Uint8Array): readonly string[] {
    const name = toHex(statement);
    return [...this.#said].flatMap(([validator, other]) => (other === name ? [validator] : []));
  }

  /** How many have spoken. */
  get answered(): number {
    return this.#said.size;
  }
}
