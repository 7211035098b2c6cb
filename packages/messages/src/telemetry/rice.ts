/**
 * Rice's code for whole numbers ≥ 0 that are mostly small: z with parameter k is floor(z / 2^k) zeros,
 * a one, and the k low bits of z. So many zeros in a row announce an escape instead.
 */
export const escapeZeros = 16;

/**
 * The parameter for numbers with this sum: the least k with 4·sum < 7·count·2^k, at most `max`. It is
 * within 0.2 % of the best k on pack data, and is a function of what is coded, so that a reader can check
 * it.
 */
export function riceParameter(options: { sum: number; count: number; max: number }): number {
  if (options.sum === 0) return 0;
  let k = 0;
  let bound = 7 * options.count;
  while (k < options.max && 4 * options.sum >= bound) {
    k++;
    bound *= 2;
  }
  return k;
}

/** 0, −1, 1, −2, 2 … become 0, 1, 2, 3, 4 …; exact up to 2^52. */
export function toZigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(code: number): number {
  return code % 2 === 1 ? -(code + 1) / 2 : code / 2;
}

/** Of magnitudes; 0 with 0 is 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  let larger = Math.abs(a);
  let smaller = Math.abs(b);
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
