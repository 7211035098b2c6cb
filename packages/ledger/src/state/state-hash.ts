import { type Crypto, utf8 } from "@voltfog/runtime";

/** The hash of a subtree that holds nothing. */
export const emptyHash: Uint8Array = new Uint8Array(32);

const leafPrefix = Uint8Array.of(0);
const branchPrefix = Uint8Array.of(1);

/** Where a name stands in the tree. */
export function stateKey(name: string, crypto: Crypto): Uint8Array {
  return crypto.sha256(utf8(name));
}

export function stateLeafHash(
  leaf: { key: Uint8Array; valueHash: Uint8Array },
  crypto: Crypto,
): Uint8Array {
  return crypto.sha256(leafPrefix, leaf.key, leaf.valueHash);
}

export function stateBranchHash(
  branch: { left: Uint8Array; right: Uint8Array },
  crypto: Crypto,
): Uint8Array {
  return crypto.sha256(branchPrefix, branch.left, branch.right);
}

/** The key's bit at a depth: 0 leads left, 1 right. */
export function keyBit(key: Uint8Array, depth: number): number {
  return ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
}
