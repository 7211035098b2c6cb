import { assert } from "@voltfog/runtime";

/** Solves A·x = b for a symmetric positive definite A (row-major, size × size) by Cholesky. */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = cholesky(matrix, size);
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = x[row] as number;
    for (let k = 0; k < row; k++) sum -= (lower[row * size + k] as number) * (x[k] as number);
    x[row] = sum / (lower[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = x[row] as number;
    for (let k = row + 1; k < size; k++)
      sum -= (lower[k * size + row] as number) * (x[k] as number);
    x[row] = sum / (lower[row * size + row] as number);
  }
  return x;
}

/** The lower triangle L with L·Lᵀ = A; what lies above its diagonal is left as it was. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = Float64Array.from(matrix);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let sum = lower[row * size + column] as number;
      for (let k = 0; k < column; k++) {
        sum -= (lower[row * size + k] as number) * (lower[column * size + k] as number);
      }
      assert(row > column || sum > 0, "the matrix is positive definite");
      const pivot = lower[column * size + column] as number;
      lower[row * size + column] = row === column ? Math.sqrt(sum) : sum / pivot;
    }
  }
  return lower;
}
