import { assert, type Crypto } from "@voltfog/runtime";
import { foldNodes, hashLength_bytes, nodeHash, nodesOf } from "./tree-hash.ts";

/** Hashes the inner nodes of a tree many at a time, so that an engine can do it in one go. */
export interface NodeHasher {
  /** SHA-256(0x01 ‖ pair) of each 64-byte pair of `pairs`, one after the other. */
  hashPairs(pairs: Uint8Array): Uint8Array;
}

/** Called with new full subtrees of one level: hashes of nodes `first`, `first + 1`, … of that level. */
export type LevelSink = (nodes: { level: number; first: number; hashes: Uint8Array }) => void;

/**
 * The right edge of a growing RFC 6962 tree: one hash per set bit of its size, so at most 53.
 * Appending costs one node hash per leaf on average.
 */
export class CompactRange {
  readonly #crypto: Crypto;
  readonly #hasher: NodeHasher;
  #size = 0;
  /** Root of the full subtree of 2^level leaves at the right edge, where the size has that bit. */
  #edge: (Uint8Array | undefined)[] = [];

  constructor(o: { crypto: Crypto; hasher?: NodeHasher }) {
    this.#crypto = o.crypto;
    this.#hasher = o.hasher ?? pairHasher(o.crypto);
  }

  /** The range of a tree whose full subtrees, largest first, have these hashes. */
  static restore(o: {
    size: number;
    hashes: readonly Uint8Array[];
    crypto: Crypto;
    hasher?: NodeHasher;
  }): CompactRange {
    const nodes = nodesOf({ begin: 0, end: o.size });
    assert(nodes.length === o.hashes.length, "one hash for each set bit of the size");
    const range = new CompactRange(o);
    range.#size = o.size;
    for (const [i, { level }] of nodes.entries()) range.#edge[level] = o.hashes[i];
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** The full subtrees that make up the tree, largest first. */
  hashes(): Uint8Array[] {
    return this.#edge.filter((hash) => hash !== undefined).reverse();
  }

  root(): Uint8Array {
    return foldNodes(this.hashes(), this.#crypto);
  }

  append(leaf: Uint8Array): void {
    this.appendAll(leaf);
  }

  /** Appends leaf hashes that lie one after the other, 32 bytes each. */
  appendAll(leaves: Uint8Array, sink?: LevelSink): void {
    assert(leaves.length % hashLength_bytes === 0, "whole leaf hashes");
    let hashes = leaves;
    let first = this.#size;
    this.#size += leaves.length / hashLength_bytes;
    for (let level = 0; hashes.length > 0; level++) {
      sink?.({ level, first, hashes });
      const pending = this.#edge[level];
      const pairs = withPending(pending, hashes);
      const odd = pairs.length % (2 * hashLength_bytes);
      this.#edge[level] = odd === 0 ? undefined : pairs.slice(pairs.length - odd);
      first = (first - (pending === undefined ? 0 : 1)) / 2;
      hashes =
        pairs.length === odd
          ? new Uint8Array(0)
          : this.#hasher.hashPairs(pairs.subarray(0, pairs.length - odd));
    }
  }

  /** A copy that grows on its own. */
  clone(): CompactRange {
    const copy = new CompactRange({ crypto: this.#crypto, hasher: this.#hasher });
    copy.#size = this.#size;
    copy.#edge = [...this.#edge];
    return copy;
  }
}

function withPending(pending: Uint8Array | undefined, hashes: Uint8Array): Uint8Array {
  if (pending === undefined) return hashes;
  const joined = new Uint8Array(pending.length + hashes.length);
  joined.set(pending);
  joined.set(hashes, pending.length);
  return joined;
}

/** One call of the crypto port for each pair. */
export function pairHasher(crypto: Crypto): NodeHasher {
  return {
    hashPairs(pairs) {
      const hashes = new Uint8Array(pairs.length / 2);
      for (let at = 0; at < pairs.length; at += 2 * hashLength_bytes) {
        const left = pairs.subarray(at, at + hashLength_bytes);
        const right = pairs.subarray(at + hashLength_bytes, at + 2 * hashLength_bytes);
        hashes.set(nodeHash({ left, right, crypto }), at / 2);
      }
      return hashes;
    },
  };
}
