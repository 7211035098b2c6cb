/**
 * Eigenvalues (descending) and eigenvectors (columns of a row-major matrix) of a symmetric matrix, by
 * cyclic Jacobi rotations (Golub and Van Loan, section 8.5). Cost: about ten sweeps of size³.
 */
export function symmetricEigen(
  matrix: Float64Array,
  size: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(size * size);
  for (let at = 0; at < size; at++) v[at * size + at] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate({ a, v, size, p, q });
    }
  }
  const order = Array.from({ length: size }, (_, at) => at);
  const value = (at: number): number => a[at * size + at] as number;
  order.sort((left, right) => value(right) - value(left));
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => {
    for (let row = 0; row < size; row++) {
      vectors[row * size + to] = v[row * size + from] as number;
    }
  });
  return { values: Float64Array.from(order, value), vectors };
}

/** Turns p and q so that their common element becomes zero. */
function rotate(o: { a: Float64Array; v: Float64Array; size: number; p: number; q: number }): void {
  const { a, v, size, p, q } = o;
  const common = a[p * size + q] as number;
  if (Math.abs(common) < 1e-300) return;
  const theta = ((a[q * size + q] as number) - (a[p * size + p] as number)) / (2 * common);
  const sign = theta < 0 ? -1 : 1;
  const tangent = sign / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    turn(a, k * size + p, k * size + q, cosine, sine);
    turn(v, k * size + p, k * size + q, cosine, sine);
  }
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k, cosine, sine);
}

function turn(a: Float64Array, left: number, right: number, cosine: number, sine: number): void {
  const x = a[left] as number;
  const y = a[right] as number;
  a[left] = cosine * x - sine * y;
  a[right] = sine * x + cosine * y;
}
