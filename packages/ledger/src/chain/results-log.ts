import { assert, type Crypto } from "@voltfog/runtime";
import { CompactRange } from "../log/compact-range.ts";
import { inclusionRanges } from "../log/proof-ranges.ts";
import type { TreeHead } from "../log/proofs.ts";
import { foldNodes, type LeafRange, nodesOf, type TreeNode } from "../log/tree-hash.ts";

/**
 * The hashes of the chain's running RFC 6962 log of results: 64 bytes of memory per result, any
 * inclusion path without hashing more than the right edge.
 */
export class ResultsLog {
  readonly #crypto: Crypto;
  readonly #range: CompactRange;
  readonly #levels: HashColumn[] = [];

  constructor(options: { crypto: Crypto }) {
    this.#crypto = options.crypto;
    this.#range = new CompactRange({ crypto: options.crypto });
  }

  get size(): number {
    return this.#range.size;
  }

  /** Leaf hashes, one after the other. */
  append(leaves: Uint8Array): void {
    this.#range.appendAll(leaves, ({ level, hashes }) => {
      this.#levels[level] ??= new HashColumn();
      this.#levels[level].push(hashes);
    });
  }

  /** What size and root would be after these leaf hashes; changes nothing. */
  after(leaves: Uint8Array): TreeHead {
    const range = this.#range.clone();
    range.appendAll(leaves);
    return { size: range.size, root: range.root() };
  }

  /** The path of a result in the log as it is now, or was at a size above the index. */
  path(index: number, size: number = this.size): Uint8Array[] {
    assert(index < size && size <= this.size, "the log has been of that size");
    return inclusionRanges({ index, size }).map((range) => this.#hash(range));
  }

  leaf(index: number): Uint8Array {
    return this.#node({ level: 0, index });
  }

  /** Leaf hashes of a range, one after the other; what is there once never changes. */
  between({ begin, end }: LeafRange): Uint8Array {
    return this.#levels[0]?.between(begin, end) ?? new Uint8Array();
  }

  #hash(range: LeafRange): Uint8Array {
    return foldNodes(
      nodesOf(range).map((node) => this.#node(node)),
      this.#crypto,
    );
  }

  #node({ level, index }: TreeNode): Uint8Array {
    return this.#levels[level]?.at(index) ?? new Uint8Array();
  }
}

/** A growing list of 32-byte hashes in one buffer. */
class HashColumn {
  #buffer = new Uint8Array(1024);
  #length_bytes = 0;

  push(hashes: Uint8Array): void {
    const end_bytes = this.#length_bytes + hashes.length;
    if (end_bytes > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end_bytes, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#length_bytes));
      this.#buffer = larger;
    }
    this.#buffer.set(hashes, this.#length_bytes);
    this.#length_bytes = end_bytes;
  }

  at(index: number): Uint8Array {
    return this.between(index, index + 1);
  }

  between(begin: number, end: number): Uint8Array {
    return this.#buffer.slice(begin * 32, Math.min(end * 32, this.#length_bytes));
  }
}
