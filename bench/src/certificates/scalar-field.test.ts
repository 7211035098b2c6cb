import { SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { blst } from "./blst.ts";
import { pointAt, weightedSum } from "./group-sums.ts";
import {
  groupOrder,
  polynomialAt,
  randomScalar,
  scalarBytes,
  scalarOf,
  weightsAtZero,
} from "./scalar-field.ts";

const random = new SeededRandom(11);
const polynomial = [1, 2, 3, 4].map(() => randomScalar(random));

describe("polynomials over the group's order", () => {
  it("are known at 0 from any of as many places as they have coefficients", () => {
    for (const places of [
      [1, 2, 3, 4],
      [2, 7, 31, 64],
      [5, 9, 10, 11, 12],
    ]) {
      const weights = weightsAtZero(places);
      const sum = places.reduce(
        (total, place, i) => total + (weights[i] ?? 0n) * polynomialAt(polynomial, place),
        0n,
      );
      expect(sum % groupOrder).toBe(polynomial[0]);
    }
  });

  it("in the exponent give the point of their value", () => {
    const commitments = polynomial.map((one) =>
      blst.SecretKey.fromBytes(scalarBytes(one)).toPublicKey(),
    );
    for (const place of [1, 2, 17, 64]) {
      const secret = blst.SecretKey.fromBytes(scalarBytes(polynomialAt(polynomial, place)));
      expect(pointAt(commitments, place).toBytes()).toEqual(secret.toPublicKey().toBytes());
    }
  });

  it("scalars are 32 bytes, the highest first", () => {
    expect(scalarBytes(258n).slice(29)).toEqual(Uint8Array.of(0, 1, 2));
    expect(scalarOf(scalarBytes(groupOrder - 1n))).toBe(groupOrder - 1n);
  });
});

it("a weighted sum of signatures is the signature of the weighted sum of the secrets", () => {
  const message = Uint8Array.of(1, 2, 3);
  const scalars = [1, 2, 3].map(() => randomScalar(random));
  const weights = [randomScalar(random), 1n, 0n];
  const total = scalars.reduce((sum, one, i) => (sum + one * (weights[i] ?? 0n)) % groupOrder, 0n);
  const signatures = scalars.map((one) => blst.SecretKey.fromBytes(scalarBytes(one)).sign(message));
  expect(weightedSum(signatures, weights).toBytes()).toEqual(
    blst.SecretKey.fromBytes(scalarBytes(total)).sign(message).toBytes(),
  );
});
