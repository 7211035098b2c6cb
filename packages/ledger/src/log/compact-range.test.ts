import { concatBytes, equalBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { CompactRange } from "./compact-range.ts";
import { rootOf } from "./proofs.ts";
import { leafHash, nodesOf } from "./tree-hash.ts";

const leaves = Array.from({ length: 530 }, (_, i) => leafHash(Uint8Array.of(i, i >> 8), crypto));

describe("CompactRange", () => {
  it("goes on from its hashes as if it had never stopped", () => {
    for (const size of [0, 1, 2, 3, 7, 64, 255, 256, 257]) {
      const range = new CompactRange({ crypto });
      range.appendAll(concatBytes(...leaves.slice(0, size)));
      const restored = CompactRange.restore({ size, hashes: range.hashes(), crypto });
      expect(restored.root()).toEqual(range.root());
      for (const leaf of leaves.slice(size)) restored.append(leaf);
      expect(restored.root()).toEqual(rootOf(leaves, crypto));
    }
  });

  it("hands each full subtree on once, in order, with its hash", () => {
    const seen = new Map<number, Uint8Array[]>();
    const range = new CompactRange({ crypto });
    for (let at = 0; at < leaves.length; at += 37) {
      range.appendAll(concatBytes(...leaves.slice(at, at + 37)), ({ level, first, hashes }) => {
        const known = seen.get(level) ?? [];
        expect(first).toBe(known.length);
        for (let i = 0; i < hashes.length; i += 32) known.push(hashes.slice(i, i + 32));
        seen.set(level, known);
      });
    }
    for (const [level, hashes] of seen) {
      expect(hashes).toHaveLength(Math.floor(leaves.length / 2 ** level));
      const index = hashes.length - 1;
      const covered = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
      expect(equalBytes(hashes[index] as Uint8Array, rootOf(covered, crypto))).toBe(true);
    }
    expect(seen.size).toBe(10);
  });

  it("lets a copy grow alone", () => {
    const range = new CompactRange({ crypto });
    range.appendAll(concatBytes(...leaves.slice(0, 5)));
    const root = range.root();
    const copy = range.clone();
    copy.append(leaves[5] as Uint8Array);
    expect(range.root()).toEqual(root);
    expect(copy.root()).toEqual(rootOf(leaves.slice(0, 6), crypto));
  });

  it("keeps one hash for each set bit of its size", () => {
    expect(nodesOf({ begin: 0, end: 0b10110 })).toEqual([
      { level: 4, index: 0 },
      { level: 2, index: 4 },
      { level: 1, index: 10 },
    ]);
    const range = new CompactRange({ crypto });
    range.appendAll(concatBytes(...leaves.slice(0, 0b10110)));
    expect(range.hashes()).toHaveLength(3);
  });
});
