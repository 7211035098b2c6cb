import { assert, type Random } from "@voltfog/runtime";

/** Order r of the groups of BLS12-381 (draft-irtf-cfrg-pairing-friendly-curves, 4.2.1). */
export const groupOrder = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

export const scalar_bytes = 32;

/** A polynomial over the integers modulo r, its constant term first. */
export type Polynomial = readonly bigint[];

/** Uniform up to 2^-128: 48 bytes modulo r, as hash_to_field of RFC 9380 does. Never 0. */
export function randomScalar(random: Random): bigint {
  for (;;) {
    const scalar = scalarOf(random.bytes(48)) % groupOrder;
    if (scalar !== 0n) return scalar;
  }
}

/** Big-endian. */
export function scalarOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** 32 bytes, big-endian. */
export function scalarBytes(scalar: bigint): Uint8Array {
  const bytes = new Uint8Array(scalar_bytes);
  let rest = scalar;
  for (let at = scalar_bytes - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

export function polynomialAt(polynomial: Polynomial, x: number): bigint {
  const at = BigInt(x);
  return polynomial.reduceRight((sum, coefficient) => (sum * at + coefficient) % groupOrder, 0n);
}

/**
 * What each of the values at these places weighs in the polynomial's value at 0 (Lagrange). The places
 * are distinct and above 0.
 */
export function weightsAtZero(places: readonly number[]): bigint[] {
  assert(new Set(places).size === places.length, "places are distinct");
  return places.map((place) => {
    let [above, below] = [1n, 1n];
    for (const other of places) {
      if (other === place) continue;
      above = (above * BigInt(other)) % groupOrder;
      below = (below * BigInt(other - place)) % groupOrder;
    }
    return (above * inverse(below)) % groupOrder;
  });
}

/** By the extended algorithm of Euclid. */
function inverse(scalar: bigint): bigint {
  let [a, b] = [((scalar % groupOrder) + groupOrder) % groupOrder, groupOrder];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % groupOrder) + groupOrder) % groupOrder;
}
