import { assert } from "@voltfog/runtime";

const steps = 200;

/** Rising knots with a table that tells between which two a value lies, in constant time. */
export class Knots {
  readonly at: Float64Array;
  readonly #index: Uint8Array;
  readonly #low: number;
  readonly #scale: number;

  constructor(knots: readonly number[]) {
    assert(knots.length > 1 && knots.length < 256, "two knots make a segment");
    this.at = Float64Array.from(knots);
    this.#low = knots[0] ?? 0;
    this.#scale = steps / ((knots.at(-1) ?? 1) - this.#low);
    this.#index = Uint8Array.from({ length: steps + 1 }, (_, step) =>
      Math.min(
        knots.length - 2,
        Math.max(0, knots.filter((knot) => knot <= this.#low + step / this.#scale).length - 1),
      ),
    );
  }

  /** The segment that a value lies in; the outermost for values beyond the ends. */
  segment(value: number): number {
    const step = (value - this.#low) * this.#scale;
    if (!(step > 0)) return 0;
    const last = this.at.length - 2;
    if (step >= steps) return last;
    let segment = this.#index[step | 0] as number;
    // The table's steps are rounded: the value may lie a segment to either side.
    while (segment > 0 && value < (this.at[segment] as number)) segment--;
    while (segment < last && value >= (this.at[segment + 1] as number)) segment++;
    return segment;
  }

  /** How far into a segment, 0 to 1; beyond where the value lies beyond the ends. */
  share(segment: number, value: number): number {
    const from = this.at[segment] as number;
    return (value - from) / ((this.at[segment + 1] as number) - from);
  }
}
