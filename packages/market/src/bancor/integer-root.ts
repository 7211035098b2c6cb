import { assert } from "@voltfog/runtime";

/**
 * The least whole number whose power is not below the value: ⌈value^(1/degree)⌉, exact. The value is whole
 * and not negative, the degree 1 to 20. Newton's method from above, about ten rounds.
 */
export function ceilRoot(value: bigint, degree: number): bigint {
  assert(value >= 0n && degree >= 1 && degree <= 20, "a root of a whole number, of degree 1 to 20");
  if (value <= 1n || degree === 1) return value;
  const n = BigInt(degree);
  const floor = floorRoot(value, n);
  return floor ** n === value ? floor : floor + 1n;
}

/** Falls from a power of two above the root until it no longer falls; that is ⌊root⌋. */
function floorRoot(value: bigint, n: bigint): bigint {
  const bits = BigInt(value.toString(2).length);
  let root = 1n << ((bits + n - 1n) / n);
  for (;;) {
    const next = ((n - 1n) * root + value / root ** (n - 1n)) / n;
    if (next >= root) return root;
    root = next;
  }
}
