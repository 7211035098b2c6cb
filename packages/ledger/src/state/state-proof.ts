import {
  assert,
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { emptyHash, keyBit, stateBranchHash, stateKey, stateLeafHash } from "./state-hash.ts";
import { hashOf, type StateNode, type StateTree } from "./state-tree.ts";

/** Where the way of one name ends, `depth` branches below the root. */
export type ProofEnd =
  | { readonly end: "own"; readonly depth: number }
  | { readonly end: "empty"; readonly depth: number }
  /** Another leaf stands there, so that the name is absent. */
  | {
      readonly end: "other";
      readonly depth: number;
      readonly key: Uint8Array;
      readonly valueHash: Uint8Array;
    };

/** What several names are in one state, present or absent, with shared branches given once. */
export interface StateProof {
  /** One for each name, in the order in which they were asked for. */
  readonly ends: readonly ProofEnd[];
  /** Hashes beside the ways, depth first from the left; zeros where nothing is. */
  readonly siblings: readonly Uint8Array[];
}

/** What a verifier holds about one name: its value, or undefined for absence. */
export interface StateClaim {
  readonly name: string;
  readonly value: Uint8Array | undefined;
}

export const provenNamesMax = 64;
const depthMax = 255;
const siblingsMax = 16_384;

/** Costs one hash per branch beside the ways that was not hashed yet. At most 64 names, each once. */
export function proveState(options: {
  state: StateTree;
  names: readonly string[];
  crypto: Crypto;
}): StateProof {
  const { crypto } = options;
  assert(options.names.length <= provenNamesMax, "a state proof has at most 64 names");
  const ends: ProofEnd[] = [];
  const siblings: Uint8Array[] = [];
  const visit = (node: StateNode | undefined, ways: readonly Way[], depth: number): void => {
    if (node?.kind !== "branch") {
      for (const { key, place } of ways) ends[place] = endOf({ node, key, depth, crypto });
      return;
    }
    for (const [child, bit] of [[node.left, 0] as const, [node.right, 1] as const]) {
      const through = ways.filter(({ key }) => keyBit(key, depth) === bit);
      if (through.length > 0) visit(child, through, depth + 1);
      else siblings.push(hashOf(child, crypto));
    }
  };
  visit(options.state.node, waysOf(options.names, crypto), 0);
  return { ends, siblings };
}

interface Way {
  readonly key: Uint8Array;
  readonly place: number;
}

function waysOf(names: readonly string[], crypto: Crypto): readonly Way[] {
  return names.map((name, place) => ({ key: stateKey(name, crypto), place }));
}

function endOf(options: {
  node: StateNode | undefined;
  key: Uint8Array;
  depth: number;
  crypto: Crypto;
}): ProofEnd {
  const { node, key, depth } = options;
  if (node?.kind !== "leaf") return { end: "empty", depth };
  if (equalBytes(node.key, key)) return { end: "own", depth };
  return { end: "other", depth, key: node.key, valueHash: options.crypto.sha256(node.value) };
}

/** Whether these claims hold in the state with this root. */
export function verifyState(options: {
  root: Uint8Array;
  claims: readonly StateClaim[];
  proof: StateProof;
  crypto: Crypto;
}): boolean {
  const { claims, proof, crypto } = options;
  if (claims.length === 0 || claims.length !== proof.ends.length) return false;
  const ways: ClaimedWay[] = [];
  for (const [place, claim] of claims.entries()) {
    const key = stateKey(claim.name, crypto);
    const end = proof.ends[place];
    const hash = end && endHash({ end, key, value: claim.value, crypto });
    if (end === undefined || hash === undefined) return false;
    ways.push({ key, depth: end.depth, hash });
  }
  const rest = proof.siblings[Symbol.iterator]();
  const root = subtreeHash({ ways, depth: 0, siblings: rest, crypto });
  return root !== undefined && rest.next().done === true && equalBytes(root, options.root);
}

interface ClaimedWay {
  readonly key: Uint8Array;
  readonly depth: number;
  readonly hash: Uint8Array;
}

/** The hash that stands at the end of a way if the claim is true; undefined where the two disagree. */
function endHash(options: {
  end: ProofEnd;
  key: Uint8Array;
  value: Uint8Array | undefined;
  crypto: Crypto;
}): Uint8Array | undefined {
  const { end, key, value, crypto } = options;
  if (end.depth > depthMax) return undefined;
  switch (end.end) {
    case "own":
      return value && stateLeafHash({ key, valueHash: crypto.sha256(value) }, crypto);
    case "empty":
      return value === undefined ? emptyHash : undefined;
    case "other":
      if (value !== undefined || equalBytes(end.key, key)) return undefined;
      for (let depth = 0; depth < end.depth; depth++) {
        if (keyBit(end.key, depth) !== keyBit(key, depth)) return undefined;
      }
      return stateLeafHash(end, crypto);
  }
}

/** The root of the subtree that these ways share; undefined where the proof does not fit together. */
function subtreeHash(options: {
  ways: readonly ClaimedWay[];
  depth: number;
  siblings: Iterator<Uint8Array>;
  crypto: Crypto;
}): Uint8Array | undefined {
  const { ways, depth, siblings, crypto } = options;
  const [first] = ways;
  if (first === undefined) {
    const sibling = siblings.next();
    return sibling.done === true ? undefined : sibling.value;
  }
  if (first.depth === depth) {
    const together = ways.every((way) => way.depth === depth && equalBytes(way.hash, first.hash));
    return together ? first.hash : undefined;
  }
  if (ways.some((way) => way.depth <= depth)) return undefined;
  const half = (bit: number): Uint8Array | undefined =>
    subtreeHash({
      ways: ways.filter(({ key }) => keyBit(key, depth) === bit),
      depth: depth + 1,
      siblings,
      crypto,
    });
  const left = half(0);
  const right = left && half(1);
  return left && right && stateBranchHash({ left, right }, crypto);
}

const endNumbers = { own: 0, empty: 1, other: 2 } as const;

export function encodeStateProof(proof: StateProof): Uint8Array {
  const writer = new ByteWriter();
  writeStateProof(writer, proof);
  return writer.finish();
}

export function decodeStateProof(bytes: Uint8Array): Outcome<StateProof, MalformedProblem> {
  return decodeBytes(bytes, readStateProof);
}

export function writeStateProof(writer: ByteWriter, proof: StateProof): void {
  writer.u8(proof.ends.length);
  for (const end of proof.ends) {
    writer.u8(end.depth).u8(endNumbers[end.end]);
    if (end.end === "other") writer.raw(end.key).raw(end.valueHash);
  }
  const bitmap = new Uint8Array(Math.ceil(proof.siblings.length / 8));
  const present: Uint8Array[] = [];
  for (const [i, sibling] of proof.siblings.entries()) {
    if (equalBytes(sibling, emptyHash)) continue;
    bitmap[i >> 3] = (bitmap[i >> 3] ?? 0) | (0x80 >> (i & 7));
    present.push(sibling);
  }
  writer.u16(proof.siblings.length).raw(bitmap);
  for (const sibling of present) writer.raw(sibling);
}

export function readStateProof(reader: ByteReader): StateProof {
  const count = reader.u8();
  if (count === 0 || count > provenNamesMax) reader.fail(`state proof of ${count} names`);
  const ends = Array.from({ length: count }, () => readEnd(reader));
  const siblingCount = reader.u16();
  if (siblingCount > siblingsMax) reader.fail(`state proof with ${siblingCount} siblings`);
  const bitmap = reader.raw(Math.ceil(siblingCount / 8));
  const siblings: Uint8Array[] = [];
  for (let i = 0; i < bitmap.length * 8; i++) {
    const present = ((bitmap[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0;
    if (i >= siblingCount) {
      if (present) reader.fail("state proof marks a sibling that it has no place for");
      continue;
    }
    const sibling = present ? reader.raw(32) : emptyHash;
    if (present && equalBytes(sibling, emptyHash))
      reader.fail("state proof spells out an empty sibling");
    siblings.push(sibling);
  }
  return { ends, siblings };
}

function readEnd(reader: ByteReader): ProofEnd {
  const depth = reader.u8();
  const end = reader.u8();
  if (end === endNumbers.own) return { end: "own", depth };
  if (end === endNumbers.empty) return { end: "empty", depth };
  if (end !== endNumbers.other) return reader.fail(`state proof ends in ${end}`);
  return { end: "other", depth, key: reader.raw(32), valueHash: reader.raw(32) };
}
