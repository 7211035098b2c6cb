import { assert } from "@voltfog/runtime";

/** Normal equations of a linear least-squares problem whose rows are mostly zeros. */
export class LeastSquares {
  readonly #unknowns: number;
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;
  readonly #used: Int32Array;

  constructor(unknowns: number) {
    this.#unknowns = unknowns;
    this.#matrix = new Float64Array(unknowns * unknowns);
    this.#right = new Float64Array(unknowns);
    this.#used = new Int32Array(unknowns);
  }

  /** One equation: the row times the unknowns is the value. */
  add(row: Float64Array, value: number): void {
    let count = 0;
    for (let i = 0; i < row.length; i++) if (row[i] !== 0) this.#used[count++] = i;
    for (let a = 0; a < count; a++) {
      const i = this.#used[a] as number;
      const share = row[i] as number;
      this.#right[i] = (this.#right[i] as number) + share * value;
      for (let b = 0; b <= a; b++) {
        const j = this.#used[b] as number;
        const cell = i * this.#unknowns + j;
        this.#matrix[cell] = (this.#matrix[cell] as number) + share * (row[j] as number);
      }
    }
  }

  /** A penalty: weight × (sum of factor × unknown)². Places must rise. */
  penalise(weight: number, terms: readonly (readonly [place: number, factor: number])[]): void {
    for (const [a, [i, left]] of terms.entries()) {
      for (const [j, right] of terms.slice(0, a + 1)) {
        const cell = i * this.#unknowns + j;
        this.#matrix[cell] = (this.#matrix[cell] ?? 0) + weight * left * right;
      }
    }
  }

  /** The unknowns, by Cholesky's decomposition; the equations are used up. */
  solve(): Float64Array {
    const n = this.#unknowns;
    const a = this.#matrix;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = a[i * n + j] as number;
        for (let k = 0; k < j; k++) sum -= (a[i * n + k] as number) * (a[j * n + k] as number);
        assert(i !== j || sum > 0, "penalties make every unknown known");
        a[i * n + j] = i === j ? Math.sqrt(sum) : sum / (a[j * n + j] as number);
      }
    }
    return this.#backSubstitute();
  }

  #backSubstitute(): Float64Array {
    const n = this.#unknowns;
    const a = this.#matrix;
    const x = this.#right.slice();
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) {
        x[i] = (x[i] as number) - (a[i * n + k] as number) * (x[k] as number);
      }
      x[i] = (x[i] as number) / (a[i * n + i] as number);
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) {
        x[i] = (x[i] as number) - (a[k * n + i] as number) * (x[k] as number);
      }
      x[i] = (x[i] as number) / (a[i * n + i] as number);
    }
    return x;
  }
}
