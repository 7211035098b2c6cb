import { assert, type Crypto, equalBytes } from "@voltfog/runtime";
import { consistencyRanges, inclusionRanges } from "./proof-ranges.ts";
import {
  emptyRoot,
  foldNodes,
  hashLength_bytes,
  type LeafRange,
  nodeHash,
  splitOf,
} from "./tree-hash.ts";

/** Size and root hash of a tree. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The root over leaf hashes, RFC 6962 §2.1; one hash per leaf. */
export function rootOf(leaves: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  if (leaves.length === 0) return emptyRoot(crypto);
  return hashOf({ leaves, range: { begin: 0, end: leaves.length }, crypto });
}

/** The audit path of one leaf, from leaf hashes: for small trees and tests; logs read tiles. */
export function inclusionPath(o: {
  leaves: readonly Uint8Array[];
  index: number;
  size?: number;
  crypto: Crypto;
}): Uint8Array[] {
  const size = o.size ?? o.leaves.length;
  assert(size <= o.leaves.length, "the leaves of the tree are there");
  return inclusionRanges({ index: o.index, size }).map((range) => hashOf({ ...o, range }));
}

/** The consistency path between two sizes, from leaf hashes: for small trees and tests. */
export function consistencyPath(o: {
  leaves: readonly Uint8Array[];
  from: number;
  to?: number;
  crypto: Crypto;
}): Uint8Array[] {
  const to = o.to ?? o.leaves.length;
  assert(to <= o.leaves.length, "the leaves of the tree are there");
  return consistencyRanges({ from: o.from, to }).map((range) => hashOf({ ...o, range }));
}

/** Whether a leaf hash is at this index of the tree; false for anything malformed. */
export function verifyInclusion(o: {
  leaf: Uint8Array;
  index: number;
  size: number;
  path: readonly Uint8Array[];
  root: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { index, size, path, crypto } = o;
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  if (!areHashes([o.leaf, o.root, ...path])) return false;
  const ranges = inclusionRanges({ index, size });
  if (ranges.length !== path.length) return false;
  let hash = o.leaf;
  for (const [i, range] of ranges.entries()) {
    const sibling = path[i] as Uint8Array;
    hash =
      range.begin > index
        ? nodeHash({ left: hash, right: sibling, crypto })
        : nodeHash({ left: sibling, right: hash, crypto });
  }
  return equalBytes(hash, o.root);
}

/** Whether the tree `from` is the beginning of the tree `to`; false for anything malformed. */
export function verifyConsistency(o: {
  from: TreeHead;
  to: TreeHead;
  path: readonly Uint8Array[];
  crypto: Crypto;
}): boolean {
  const { from, to, path, crypto } = o;
  if (!isSize(from.size) || !isSize(to.size) || from.size > to.size) return false;
  if (!areHashes([from.root, to.root, ...path])) return false;
  if (from.size === 0) return path.length === 0 && equalBytes(from.root, emptyRoot(crypto));
  if (from.size === to.size) return path.length === 0 && equalBytes(from.root, to.root);
  const ranges = consistencyRanges({ from: from.size, to: to.size });
  if (ranges.length !== path.length) return false;
  const [earlier, later] = climb({ ranges, path, from, crypto });
  return equalBytes(earlier, from.root) && equalBytes(later, to.root);
}

/** Both roots as the path implies them. */
function climb(o: {
  ranges: readonly LeafRange[];
  path: readonly Uint8Array[];
  from: TreeHead;
  crypto: Crypto;
}): readonly [Uint8Array, Uint8Array] {
  const { ranges, path, from, crypto } = o;
  // Where the earlier tree is one full subtree of the later one, its root starts both.
  const whole = (ranges[0] as LeafRange).begin >= from.size;
  let earlier = whole ? from.root : (path[0] as Uint8Array);
  let later = earlier;
  for (let i = whole ? 0 : 1; i < ranges.length; i++) {
    const sibling = path[i] as Uint8Array;
    if ((ranges[i] as LeafRange).begin >= from.size) {
      later = nodeHash({ left: later, right: sibling, crypto });
    } else {
      earlier = nodeHash({ left: sibling, right: earlier, crypto });
      later = nodeHash({ left: sibling, right: later, crypto });
    }
  }
  return [earlier, later];
}

function hashOf(o: {
  leaves: readonly Uint8Array[];
  range: LeafRange;
  crypto: Crypto;
}): Uint8Array {
  const { leaves, crypto } = o;
  const { begin, end } = o.range;
  if (end - begin === 1) return foldNodes([leaves[begin] as Uint8Array], crypto);
  const middle = begin + splitOf(end - begin);
  return nodeHash({
    left: hashOf({ leaves, range: { begin, end: middle }, crypto }),
    right: hashOf({ leaves, range: { begin: middle, end }, crypto }),
    crypto,
  });
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === hashLength_bytes);
}
