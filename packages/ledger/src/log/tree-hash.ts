import type { Crypto } from "@voltfog/runtime";

export const hashLength_bytes = 32;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** SHA-256(0x00 ‖ data), RFC 6962 §2.1. */
export function leafHash(data: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(leafPrefix, data);
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(o: { left: Uint8Array; right: Uint8Array; crypto: Crypto }): Uint8Array {
  return o.crypto.sha256(nodePrefix, o.left, o.right);
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(crypto: Crypto): Uint8Array {
  return crypto.sha256();
}

/** Leaves [begin, end) of a tree; `begin` is a multiple of the next power of two ≥ its length. */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/** A full subtree: 2^level leaves from index · 2^level on. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The full subtrees that a range falls into, left to right. */
export function nodesOf(range: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = range.begin;
  while (at < range.end) {
    let level = 0;
    while (at + 2 ** (level + 1) <= range.end) level++;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The hash over neighbouring full subtrees of falling size, as {@link nodesOf} gives them. */
export function foldNodes(hashes: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) return emptyRoot(crypto);
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash({ left, right, crypto }), last);
}

/** The largest power of two below n, for n ≥ 2: where RFC 6962 splits a tree. */
export function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}
