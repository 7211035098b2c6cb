import { SeededRandom, utf8 } from "@voltfog/runtime";
import { nodeCrypto, signerOfSeed } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { blst } from "./blst.ts";
import { weightedSum } from "./group-sums.ts";
import type { Dealing } from "./joint-feldman.ts";
import { generateKeys, type KeyGeneration } from "./key-generation.ts";
import { weightsAtZero } from "./scalar-field.ts";

const n = 5;
const threshold = 4;
const message = utf8("all of us");

function generated(changes: {
  tamper?: (dealing: Dealing, receiver: number) => Dealing;
  mute?: ReadonlySet<number>;
}): KeyGeneration {
  const signers = Array.from({ length: n }, (_, i) => signerOfSeed(new Uint8Array(32).fill(i + 1)));
  const random = new SeededRandom(7);
  return generateKeys({ signers, threshold, crypto: nodeCrypto, random, ...changes });
}

function isSignedBy({ group, secrets }: KeyGeneration, members: readonly number[]): boolean {
  const shares = members.flatMap((member) => secrets[member]?.sign(message) ?? []);
  const weights = weightsAtZero(members.map((member) => member + 1));
  return blst.verify(message, group.publicKey, weightedSum(shares, weights));
}

describe("a key that nobody has alone", () => {
  it("signs with the shares of every threshold of members and of no fewer", () => {
    const keys = generated({});
    expect(isSignedBy(keys, [0, 1, 2, 3])).toBe(true);
    expect(isSignedBy(keys, [0, 1, 3, 4])).toBe(true);
    expect(isSignedBy(keys, [0, 1, 2, 3, 4])).toBe(true);
    expect(isSignedBy(keys, [0, 1, 2])).toBe(false);
  });

  it("has a public key for each share", () => {
    const { group, secrets } = generated({});
    for (const [i, secret] of secrets.entries()) {
      expect(secret.toPublicKey().toBytes()).toEqual(group.sharesOf[i]?.toBytes());
    }
  });

  it("takes a dealing and an echo from each member to each other where all are honest", () => {
    const { messages, group } = generated({});
    expect(messages).toBe(2 * n * (n - 1));
    expect(group.qualified).toEqual([0, 1, 2, 3, 4]);
  });

  const wrongShare = (dealing: Dealing, receiver: number): Dealing =>
    dealing.dealer === 2 && receiver === 4
      ? { ...dealing, share: dealing.share.toReversed() }
      : dealing;

  it("keeps a dealer that answers a complaint with the right share", () => {
    const keys = generated({ tamper: wrongShare });
    expect(keys.group.qualified).toEqual([0, 1, 2, 3, 4]);
    expect(keys.messages).toBe(2 * n * (n - 1) + (n - 1));
    expect(isSignedBy(keys, [1, 2, 3, 4])).toBe(true);
  });

  it("is made without a dealer that does not answer", () => {
    const keys = generated({ tamper: wrongShare, mute: new Set([2]) });
    expect(keys.group.qualified).toEqual([0, 1, 3, 4]);
    expect(isSignedBy(keys, [1, 2, 3, 4])).toBe(true);
  });

  it("is made without a dealer whose commitments are no points or not signed", () => {
    const noPoints = (dealing: Dealing): Dealing =>
      dealing.dealer === 0
        ? { ...dealing, commitments: dealing.commitments.map(() => new Uint8Array(48)) }
        : dealing;
    expect(generated({ tamper: noPoints, mute: new Set([0]) }).group.qualified).not.toContain(0);
  });

  it("is not made where a dealer is bound to one thing here and to another there", () => {
    const twoTongues = (dealing: Dealing, receiver: number): Dealing =>
      dealing.dealer === 1 && receiver === 3
        ? { ...dealing, signature: new Uint8Array(64) }
        : dealing;
    expect(() => generated({ tamper: twoTongues })).toThrow(/same dealings/);
  });
});
