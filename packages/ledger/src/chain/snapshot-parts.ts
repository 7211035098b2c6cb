import {
  accepted,
  ByteWriter,
  type Crypto,
  compareBytes,
  decodeBytes,
  equalBytes,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import { CompactRange } from "../log/compact-range.ts";
import { keyBit } from "../state/state-hash.ts";
import { hashOf, type StateLeaf, type StateNode, StateTree } from "../state/state-tree.ts";
import type { ChainEvidence } from "./chain-evidence.ts";
import type { ResultsLog } from "./results-log.ts";
import {
  fullPieces,
  partMax_bytes,
  resultsPerPart,
  type SnapshotPlan,
  type StatePiece,
} from "./snapshot-plan.ts";
import type { SnapshotProblem } from "./snapshot-problem.ts";
import { payloadMax_bytes } from "./transaction.ts";

/** A chain at one height, as it is written part by part; stays as it is while the chain goes on. */
export interface SnapshotSource {
  readonly plan: SnapshotPlan;
  /** Each part's bytes when its turn comes, so that a snapshot never is in memory twice. */
  parts(): Generator<Uint8Array>;
}

interface Cut {
  readonly depth: number;
  readonly node: StateNode | undefined;
}

/** Costs one pass over the state; the parts' bytes are made as they are asked for. */
export function snapshotSource(options: {
  evidence: ChainEvidence;
  state: StateTree;
  log: ResultsLog;
  crypto: Crypto;
}): SnapshotSource {
  const { evidence, state, log, crypto } = options;
  // The log goes on growing; of its buffer only what is below this size is read later.
  const { resultsSize } = evidence.header;
  const ranges = Array.from({ length: Math.ceil(resultsSize / resultsPerPart) }, (_, i) => ({
    begin: i * resultsPerPart,
    end: Math.min(resultsSize, (i + 1) * resultsPerPart),
  }));
  const { cuts } = cut(state.node, 0);
  const plan: SnapshotPlan = {
    evidence: { ...evidence, results: [], names: [], proof: { ends: [], siblings: [] } },
    results: ranges.map((range) => resultsRoot(log.between(range), crypto)),
    state: cuts.map(({ depth, node }) => ({ depth, hash: hashOf(node, crypto) })),
  };
  return {
    plan,
    *parts() {
      for (const range of ranges) yield log.between(range);
      for (const { node } of cuts) if (node !== undefined) yield encodeLeaves(node);
    },
  };
}

/** The largest subtrees that fit a part, from left to right; the same for the same state everywhere. */
function cut(
  node: StateNode | undefined,
  depth: number,
): { readonly size_bytes: number; readonly cuts: readonly Cut[] } {
  if (node?.kind !== "branch") {
    return { size_bytes: node === undefined ? 0 : leaf_bytes(node), cuts: [{ depth, node }] };
  }
  const left = cut(node.left, depth + 1);
  const right = cut(node.right, depth + 1);
  const size_bytes = left.size_bytes + right.size_bytes;
  if (4 + size_bytes <= partMax_bytes) return { size_bytes, cuts: [{ depth, node }] };
  return { size_bytes, cuts: [...left.cuts, ...right.cuts] };
}

function leaf_bytes({ value }: StateLeaf): number {
  return 36 + value.length;
}

/** u32 leaves, {raw32 key · block value} each, ascending by key. */
function encodeLeaves(node: StateNode): Uint8Array {
  const leaves = [...leavesBelow(node)];
  const writer = new ByteWriter().u32(leaves.length);
  for (const { key, value } of leaves) writer.raw(key).block(value);
  return writer.finish();
}

function* leavesBelow(node: StateNode | undefined): Generator<StateLeaf> {
  if (node?.kind === "leaf") yield node;
  if (node?.kind !== "branch") return;
  yield* leavesBelow(node.left);
  yield* leavesBelow(node.right);
}

/** What a part brings, proved. */
export type SnapshotPart =
  | { readonly kind: "results"; readonly leaves: Uint8Array }
  | { readonly kind: "state"; readonly leaves: readonly Pick<StateLeaf, "key" | "value">[] };

/** Whether these bytes are the part of this place; any changed, missing or further byte is refused. */
export function openSnapshotPart(options: {
  plan: SnapshotPlan;
  place: number;
  bytes: Uint8Array;
  crypto: Crypto;
}): Outcome<SnapshotPart, SnapshotProblem> {
  const { plan, place, bytes, crypto } = options;
  if (bytes.length > partMax_bytes) {
    const detail = `part of ${bytes.length} bytes, at most ${partMax_bytes}`;
    return refused({ code: "SNAPSHOT_MALFORMED", detail });
  }
  const root = plan.results[place];
  if (root !== undefined) {
    const { resultsSize } = plan.evidence.header;
    const count = Math.min(resultsPerPart, resultsSize - place * resultsPerPart);
    const isPart = bytes.length === 32 * count && equalBytes(resultsRoot(bytes, crypto), root);
    if (isPart) return accepted({ kind: "results", leaves: bytes });
    return refused({ code: "SNAPSHOT_RESULTS", detail: `not the results of part ${place}` });
  }
  const piece = fullPieces(plan)[place - plan.results.length];
  if (piece === undefined) {
    return refused({ code: "SNAPSHOT_MALFORMED", detail: `there is no part ${place}` });
  }
  return openStatePart({ piece, place, bytes, crypto });
}

function openStatePart(options: {
  piece: StatePiece;
  place: number;
  bytes: Uint8Array;
  crypto: Crypto;
}): Outcome<SnapshotPart, SnapshotProblem> {
  const { piece, place, bytes, crypto } = options;
  const decoded = decodeBytes(bytes, (reader) => {
    let last = new Uint8Array();
    return reader.list({
      limit: partMax_bytes / 36,
      read: (inner) => {
        const key = inner.raw(32);
        if (compareBytes(last, key) >= 0) inner.fail("state keys do not ascend");
        last = key as Uint8Array<ArrayBuffer>;
        return { key, value: inner.block(payloadMax_bytes) };
      },
    });
  });
  if (!decoded.ok) return refused({ code: "SNAPSHOT_MALFORMED", detail: decoded.problem.detail });
  const hash = subtreeHash({ leaves: decoded.value, depth: piece.depth, crypto });
  if (hash !== undefined && equalBytes(hash, piece.hash)) {
    return accepted({ kind: "state", leaves: decoded.value });
  }
  return refused({ code: "SNAPSHOT_STATE", detail: `not the state of part ${place}` });
}

/** The hash at a depth of the subtree that holds exactly these leaves; undefined where no one does. */
function subtreeHash(options: {
  leaves: readonly Pick<StateLeaf, "key" | "value">[];
  depth: number;
  crypto: Crypto;
}): Uint8Array | undefined {
  const { leaves, depth, crypto } = options;
  const first = leaves[0]?.key;
  const last = leaves.at(-1)?.key;
  if (first === undefined || last === undefined) return undefined;
  let tree = StateTree.empty(crypto);
  for (const { key, value } of leaves) tree = tree.withKey(key, value);
  let node = tree.node;
  for (let at = 0; at < depth; at++) {
    // They ascend: where the outermost share a bit, all do.
    if (keyBit(first, at) !== keyBit(last, at)) return undefined;
    if (node?.kind === "branch") node = keyBit(first, at) === 0 ? node.left : node.right;
  }
  return hashOf(node, crypto);
}

function resultsRoot(leaves: Uint8Array, crypto: Crypto): Uint8Array {
  const range = new CompactRange({ crypto });
  range.appendAll(leaves);
  return range.root();
}
