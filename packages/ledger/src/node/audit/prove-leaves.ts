import { type Crypto, equalBytes } from "@voltfog/runtime";
import { foldNodes, type LeafRange, nodeHash, nodesOf, splitOf } from "../../log/tree-hash.ts";
import type { ClaimedHashes } from "./known-hashes.ts";

/** What a final root says of a tree's leaves: each hash that is proven, and where nothing is. */
export interface ProvenLeaves {
  /** By index; undefined where no claim could be proven. */
  readonly hashes: readonly (Uint8Array | undefined)[];
}

/**
 * Goes down from a root that is trusted: of all that is claimed about a node's two children, only the
 * pair that hashes to the node is true. So one true copy of a hash anywhere is enough to prove it, and
 * no number of false ones can pass.
 */
export function proveLeaves(o: {
  size: number;
  root: Uint8Array;
  claims: readonly ClaimedHashes[];
  crypto: Crypto;
}): ProvenLeaves {
  const hashes = new Array<Uint8Array | undefined>(o.size).fill(undefined);

  const waiting: { range: LeafRange; hash: Uint8Array }[] = [];
  if (o.size > 0) waiting.push({ range: { begin: 0, end: o.size }, hash: o.root });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { range, hash } = next;
    if (range.end - range.begin === 1) {
      hashes[range.begin] = hash;
      continue;
    }
    const middle = range.begin + splitOf(range.end - range.begin);
    const left = { begin: range.begin, end: middle };
    const right = { begin: middle, end: range.end };
    const pair = provenPair({ ...o, left, right, hash });
    if (pair === undefined) continue;
    waiting.push({ range: right, hash: pair.right }, { range: left, hash: pair.left });
  }
  return { hashes };
}

function provenPair(o: {
  left: LeafRange;
  right: LeafRange;
  hash: Uint8Array;
  claims: readonly ClaimedHashes[];
  crypto: Crypto;
}): { left: Uint8Array; right: Uint8Array } | undefined {
  const { claims, crypto } = o;
  for (const ofLeft of claims) {
    const left = rangeHash(ofLeft, o.left, crypto);
    if (left === undefined) continue;
    for (const ofRight of claims) {
      const right = rangeHash(ofRight, o.right, crypto);
      if (right !== undefined && equalBytes(nodeHash({ left, right, crypto }), o.hash)) {
        return { left, right };
      }
    }
  }
  return undefined;
}

function rangeHash(claim: ClaimedHashes, range: LeafRange, crypto: Crypto): Uint8Array | undefined {
  const nodes: Uint8Array[] = [];
  for (const { level, index } of nodesOf(range)) {
    const hash = claim.node(level, index);
    if (hash === undefined) return undefined;
    nodes.push(hash);
  }
  return foldNodes(nodes, crypto);
}
