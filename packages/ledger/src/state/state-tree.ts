import { assert, type Crypto, equalBytes, RecentMap } from "@voltfog/runtime";
import { emptyHash, keyBit, stateBranchHash, stateKey, stateLeafHash } from "./state-hash.ts";

export interface StateLeaf {
  readonly kind: "leaf";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  hash: Uint8Array | undefined;
}

interface StateBranch {
  readonly kind: "branch";
  readonly left: StateNode | undefined;
  readonly right: StateNode | undefined;
  hash: Uint8Array | undefined;
}

export type StateNode = StateLeaf | StateBranch;

/** Names whose keys are remembered: those of the transactions that are tried, built and checked now. */
const namesMax = 16_384;

/** Keys of names, each hashed once while it is in use: a block's are asked for many times over. */
class StateKeys {
  readonly #crypto: Crypto;
  readonly #known = new RecentMap<string, Uint8Array>({ limit: namesMax });

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  of(name: string): Uint8Array {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = stateKey(name, this.#crypto);
    this.#known.set(name, key);
    return key;
  }
}

/**
 * The chain's state: named values in a sparse Merkle tree over SHA-256(name), where a subtree with
 * one leaf is that leaf. Immutable: `with` gives a new tree that shares all but one path of about
 * log2(entries) nodes, so a block is tried on a copy for nothing. Hashes are made when a root is
 * asked for, once per changed node and not once per write.
 */
export class StateTree {
  readonly #crypto: Crypto;
  readonly #keys: StateKeys;
  readonly node: StateNode | undefined;

  private constructor(options: { crypto: Crypto; keys: StateKeys; node: StateNode | undefined }) {
    this.#crypto = options.crypto;
    this.#keys = options.keys;
    this.node = options.node;
  }

  static empty(crypto: Crypto): StateTree {
    return new StateTree({ crypto, keys: new StateKeys(crypto), node: undefined });
  }

  get(name: string): Uint8Array | undefined {
    return this.getKey(this.#keys.of(name));
  }

  /** By {@link stateKey}, for those who ask for one name often. */
  getKey(key: Uint8Array): Uint8Array | undefined {
    let node = this.node;
    for (let depth = 0; node?.kind === "branch"; depth++) {
      node = keyBit(key, depth) === 0 ? node.left : node.right;
    }
    return node !== undefined && equalBytes(node.key, key) ? node.value : undefined;
  }

  /** The tree with this value; the value must not be changed afterwards. */
  with(name: string, value: Uint8Array): StateTree {
    return this.withKey(this.#keys.of(name), value);
  }

  withKey(key: Uint8Array, value: Uint8Array): StateTree {
    assert(key.length === 32, "a state key has 32 bytes");
    const leaf: StateLeaf = { kind: "leaf", key, value, hash: undefined };
    const node = insert(this.node, leaf, 0);
    return new StateTree({ crypto: this.#crypto, keys: this.#keys, node });
  }

  /** Hashes what changed since the last call. */
  root(): Uint8Array {
    return hashOf(this.node, this.#crypto);
  }

  /** All leaves in the order of their keys. */
  *leaves(): Generator<StateLeaf> {
    const pending: (StateNode | undefined)[] = [this.node];
    while (pending.length > 0) {
      const node = pending.pop();
      if (node?.kind === "leaf") yield node;
      else if (node !== undefined) pending.push(node.right, node.left);
    }
  }
}

export function hashOf(node: StateNode | undefined, crypto: Crypto): Uint8Array {
  if (node === undefined) return emptyHash;
  node.hash ??=
    node.kind === "leaf"
      ? stateLeafHash({ key: node.key, valueHash: crypto.sha256(node.value) }, crypto)
      : stateBranchHash(
          { left: hashOf(node.left, crypto), right: hashOf(node.right, crypto) },
          crypto,
        );
  return node.hash;
}

function insert(node: StateNode | undefined, leaf: StateLeaf, depth: number): StateNode {
  if (node === undefined) return leaf;
  if (node.kind === "leaf") {
    return equalBytes(node.key, leaf.key) ? leaf : parted({ old: node, leaf, depth });
  }
  return keyBit(leaf.key, depth) === 0
    ? branch(insert(node.left, leaf, depth + 1), node.right)
    : branch(node.left, insert(node.right, leaf, depth + 1));
}

/** Branches down to the first bit in which two leaves differ. */
function parted(pair: { old: StateLeaf; leaf: StateLeaf; depth: number }): StateNode {
  const { old, leaf, depth } = pair;
  const bit = keyBit(leaf.key, depth);
  if (keyBit(old.key, depth) !== bit) return bit === 0 ? branch(leaf, old) : branch(old, leaf);
  const below = parted({ old, leaf, depth: depth + 1 });
  return bit === 0 ? branch(below, undefined) : branch(undefined, below);
}

function branch(left: StateNode | undefined, right: StateNode | undefined): StateBranch {
  return { kind: "branch", left, right, hash: undefined };
}
