import { assert } from "@voltfog/runtime";
import { blst, type PublicKey, type Signature } from "./blst.ts";

// The library adds points but does not multiply them by a number: these do it with its sums alone.

/**
 * The point Σ C_k x^k, by Horner's rule; a product by x is x equal summands. Costs about half a microsecond
 * for each of `commitments.length` times x. 1 ≤ x, at least one commitment.
 */
export function pointAt(commitments: readonly PublicKey[], x: number): PublicKey {
  assert(Number.isInteger(x) && x >= 1, "a place is a whole number above 0");
  let sum = commitments.at(-1);
  assert(sum !== undefined, "a polynomial has a coefficient");
  for (const commitment of commitments.slice(0, -1).reverse()) {
    sum = blst.aggregatePublicKeys([...new Array<PublicKey>(x).fill(sum), commitment]);
  }
  return sum;
}

/**
 * The point Σ w_i S_i: all weights bit by bit at once, one doubling per bit. Not all weights are 0. Takes
 * time that depends on the weights, which are public here.
 */
export function weightedSum(
  signatures: readonly Signature[],
  weights: readonly bigint[],
): Signature {
  assert(signatures.length === weights.length, "one weight for each signature");
  const bits = Math.max(...weights.map((weight) => weight.toString(2).length));
  let sum: Signature | undefined;
  for (let bit = BigInt(bits - 1); bit >= 0n; bit--) {
    const summands = sum === undefined ? [] : [sum, sum];
    for (const [at, signature] of signatures.entries()) {
      if ((((weights[at] ?? 0n) >> bit) & 1n) === 1n) summands.push(signature);
    }
    if (summands.length > 0) sum = blst.aggregateSignatures(summands);
  }
  assert(sum !== undefined, "a weight is not 0");
  return sum;
}
