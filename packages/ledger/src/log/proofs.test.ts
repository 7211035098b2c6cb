import { concatBytes, fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CompactRange } from "./compact-range.ts";
import {
  consistencyPath,
  inclusionPath,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "./proofs.ts";
import { emptyRoot, leafHash } from "./tree-hash.ts";

/** The reference tree of RFC 6962's test suite, as certificate-transparency-go and others check it. */
const referenceData = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const referenceRoots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const referenceLeaves = referenceData.map((hex) =>
  leafHash(fromHex(hex) ?? new Uint8Array(), crypto),
);

/** RFC 6962 §2.1 word for word, as a check on the real thing. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return crypto.sha256();
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = naiveRoot(leaves.slice(0, split));
  const right = naiveRoot(leaves.slice(split));
  return crypto.sha256(concatBytes(Uint8Array.of(1), left, right));
}

function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i & 255, i >> 8), crypto));
}
const manyLeaves = numbered(700);

/** Every way in which one bit or one element of a path can be wrong. */
function* mutations(path: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (let i = 0; i < path.length; i++) {
    yield path.filter((_, j) => j !== i);
    yield path.map((hash, j) => (j === i ? flipped(hash) : hash));
    yield path.map((hash, j) => (j === i ? hash.subarray(1) : hash));
    yield path.toSpliced(i, 0, new Uint8Array(32));
  }
  yield [...path, new Uint8Array(32)];
}

function flipped(hash: Uint8Array): Uint8Array {
  return hash.map((byte, i) => (i === 31 ? byte ^ 1 : byte));
}

describe("the tree", () => {
  it("has the roots of the reference tree", () => {
    for (const [size, root] of referenceRoots.entries()) {
      expect(toHex(rootOf(referenceLeaves.slice(0, size), crypto))).toBe(root);
    }
  });

  it("gives the reference audit and consistency paths", () => {
    const inclusion = inclusionPath({ leaves: referenceLeaves, index: 5, crypto });
    expect(inclusion.map(toHex)).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    const consistency = consistencyPath({ leaves: referenceLeaves, from: 6, crypto });
    expect(consistency.map(toHex)).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });

  it("has the same root by recursion, by list and by its right edge, in any order of batches", () => {
    fc.assert(
      fc.property(fc.nat(600), fc.array(fc.nat(90), { maxLength: 30 }), (size, batches) => {
        const leaves = manyLeaves.slice(0, size);
        const range = new CompactRange({ crypto });
        for (let at = 0, turn = 0; at < size; turn++) {
          const count = batches[turn % batches.length] ?? 1;
          range.appendAll(concatBytes(...leaves.slice(at, at + count + 1)));
          at += count + 1;
        }
        expect(range.size).toBe(size);
        expect(range.root()).toEqual(naiveRoot(leaves));
        expect(rootOf(leaves, crypto)).toEqual(naiveRoot(leaves));
      }),
      { numRuns: 60 },
    );
  });
});

describe("inclusion", () => {
  it("verifies for every leaf of every small tree, and fails for every other one", () => {
    for (let size = 1; size <= 20; size++) {
      const leaves = manyLeaves.slice(0, size);
      const root = naiveRoot(leaves);
      for (let index = 0; index < size; index++) {
        const path = inclusionPath({ leaves, index, crypto });
        for (const [other, leaf] of leaves.entries()) {
          const verified = verifyInclusion({ leaf, index, size, path, root, crypto });
          expect(verified).toBe(other === index);
        }
      }
    }
  });

  it("fails for any mutated proof", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(), (size, place) => {
        const leaves = manyLeaves.slice(0, size);
        const index = place % size;
        const path = inclusionPath({ leaves, index, crypto });
        const root = naiveRoot(leaves);
        const leaf = leaves[index] as Uint8Array;
        const good = { leaf, index, size, path, root, crypto };
        expect(verifyInclusion(good)).toBe(true);
        for (const mutated of mutations(path)) {
          expect(verifyInclusion({ ...good, path: mutated })).toBe(false);
        }
        expect(verifyInclusion({ ...good, root: flipped(root) })).toBe(false);
        expect(verifyInclusion({ ...good, leaf: flipped(leaf) })).toBe(false);
        for (const wrong of [index + 1, index - 1, index + 0.5, Number.NaN, size, -1]) {
          expect(verifyInclusion({ ...good, index: wrong })).toBe(false);
        }
        for (const wrong of [0, -1, 2 ** 53, Number.NaN]) {
          expect(verifyInclusion({ ...good, size: wrong })).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("consistency", () => {
  it("verifies between any two sizes, and fails for any mutated proof", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(), (to, place) => {
        const from = place % (to + 1);
        const path = consistencyPath({ leaves: manyLeaves, from, to, crypto });
        const good = {
          from: { size: from, root: naiveRoot(manyLeaves.slice(0, from)) },
          to: { size: to, root: naiveRoot(manyLeaves.slice(0, to)) },
          path,
          crypto,
        };
        expect(verifyConsistency(good)).toBe(true);
        for (const mutated of mutations(path)) {
          expect(verifyConsistency({ ...good, path: mutated })).toBe(false);
        }
        const otherFrom = { size: from, root: flipped(good.from.root) };
        expect(verifyConsistency({ ...good, from: otherFrom })).toBe(false);
        if (from > 0) {
          const otherTo = { size: to, root: flipped(good.to.root) };
          expect(verifyConsistency({ ...good, to: otherTo })).toBe(false);
        }
        const swapped = { ...good, from: { ...good.from, size: to + 1 } };
        expect(verifyConsistency(swapped)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("starts from the empty tree with nothing to show", () => {
    const from = { size: 0, root: emptyRoot(crypto) };
    const to = { size: 3, root: naiveRoot(manyLeaves.slice(0, 3)) };
    expect(verifyConsistency({ from, to, path: [], crypto })).toBe(true);
    const path = [new Uint8Array(32)];
    expect(verifyConsistency({ from, to, path, crypto })).toBe(false);
  });

  it("needs equal roots for equal sizes", () => {
    const head = { size: 3, root: naiveRoot(manyLeaves.slice(0, 3)) };
    expect(verifyConsistency({ from: head, to: head, path: [], crypto })).toBe(true);
    const other = { size: 3, root: flipped(head.root) };
    expect(verifyConsistency({ from: head, to: other, path: [], crypto })).toBe(false);
  });
});
