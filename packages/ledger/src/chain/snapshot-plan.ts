import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  refused,
  utf8,
} from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { rootOf } from "../log/proofs.ts";
import { emptyHash, stateBranchHash } from "../state/state-hash.ts";
import {
  type ChainEvidence,
  decodeChainEvidence,
  encodeChainEvidence,
  verifyChainEvidence,
} from "./chain-evidence.ts";
import { headerHash } from "./header.ts";
import type { SnapshotProblem } from "./snapshot-problem.ts";

/** One subtree of the state: everything below one way of `depth` branches. */
export interface StatePiece {
  readonly depth: number;
  readonly hash: Uint8Array;
}

/**
 * What a snapshot consists of, before any of it is there: a final header with its proof to the genesis
 * file, and the hashes of all parts, which add up to the header's two roots. So each part is proved by
 * itself, whoever sends it and in whatever order.
 */
export interface SnapshotPlan {
  /** The header, its certificate, and how its validators came from the genesis file's; nothing else. */
  readonly evidence: ChainEvidence;
  /** RFC 6962 roots of 8,192 results each, the last of those that are left. */
  readonly results: readonly Uint8Array[];
  /** Subtrees that cover the whole state from left to right. */
  readonly state: readonly StatePiece[];
}

/** Results in one part: 256 KiB of leaf hashes. */
export const resultsPerPart = 8192;
/** Longest part; a subtree of the state that is longer is split. */
export const partMax_bytes = 262_144;
export const planMax_bytes = 8_000_000;

const resultPartsMax = 4096;
const piecesMax = 65_536;
const domain = utf8("voltfog/snapshot/1\n");

/** u8 version · block evidence · list of raw32 · list of {u8 depth · raw32 hash}. */
export function encodeSnapshotPlan(plan: SnapshotPlan): Uint8Array {
  const writer = new ByteWriter().u8(1).block(encodeChainEvidence(plan.evidence));
  return writer.raw(encodeParts(plan)).finish();
}

export function decodeSnapshotPlan(bytes: Uint8Array): Outcome<SnapshotPlan, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`snapshot plan version ${version}, this reads 1`);
    const evidence = decodeChainEvidence(reader.block(planMax_bytes));
    if (!evidence.ok) return reader.fail(`evidence: ${evidence.problem.detail}`);
    if (evidence.value.results.length + evidence.value.names.length > 0) {
      reader.fail("a plan's evidence is of the header alone");
    }
    const results = reader.list({ limit: resultPartsMax, read: (inner) => inner.raw(32) });
    const state = reader.list({ limit: piecesMax, read: readPiece });
    return { evidence: evidence.value, results, state };
  });
}

function readPiece(reader: ByteReader): StatePiece {
  return { depth: reader.u8(), hash: reader.raw(32) };
}

function encodeParts(plan: Pick<SnapshotPlan, "results" | "state">): Uint8Array {
  const writer = new ByteWriter().u32(plan.results.length);
  for (const hash of plan.results) writer.raw(hash);
  writer.u32(plan.state.length);
  for (const { depth, hash } of plan.state) writer.u8(depth).raw(hash);
  return writer.finish();
}

/**
 * Names the snapshot of a block: the same at every honest validator, whichever signatures of the block
 * it holds. H(`voltfog/snapshot/1\n` ‖ headerHash ‖ the plan without its evidence).
 */
export function snapshotId(plan: SnapshotPlan, crypto: Crypto): Uint8Array {
  return crypto.sha256(domain, headerHash(plan.evidence.header, crypto), encodeParts(plan));
}

/** The pieces that have a part of their own: nothing is sent of what is empty. */
export function fullPieces(plan: SnapshotPlan): readonly StatePiece[] {
  return plan.state.filter(({ hash }) => !equalBytes(hash, emptyHash));
}

/** How many parts there are: those of the results, then those of the state. */
export function partCount(plan: SnapshotPlan): number {
  return plan.results.length + fullPieces(plan).length;
}

/**
 * Whether the plan is of a block that is final on this chain, and its hashes are all there is behind that
 * block's roots. Costs one signature for each validator and one hash for each part.
 */
export function verifySnapshotPlan(options: {
  plan: SnapshotPlan;
  genesis: Genesis;
  crypto: Crypto;
}): Outcome<SnapshotPlan, SnapshotProblem> {
  const { plan, genesis, crypto } = options;
  const { evidence, results, state } = plan;
  const { header } = evidence;
  const verdict = verifyChainEvidence({ evidence, genesis, crypto });
  if (!verdict.ok) {
    const isOther = verdict.problem.code === "EVIDENCE_OTHER_CHAIN";
    const code = isOther ? "SNAPSHOT_OTHER_CHAIN" : "SNAPSHOT_CERTIFICATE";
    return refused({ code, detail: verdict.problem.detail });
  }
  const isWhole = results.length === Math.ceil(header.resultsSize / resultsPerPart);
  // Neighbouring full subtrees of one size fold like the leaves of a tree of their own.
  if (!isWhole || !equalBytes(rootOf(results, crypto), header.resultsRoot)) {
    return refused({
      code: "SNAPSHOT_RESULTS",
      detail: "its parts are not the results that the header names",
    });
  }
  const root = stateRootOf(state, crypto);
  if (root === undefined || !equalBytes(root, header.stateRoot)) {
    return refused({
      code: "SNAPSHOT_STATE",
      detail: "its parts are not the state that the header names",
    });
  }
  return accepted(plan);
}

/** The root of the state that these subtrees make up; undefined where they do not cover it exactly. */
function stateRootOf(pieces: readonly StatePiece[], crypto: Crypto): Uint8Array | undefined {
  let at = 0;
  const fold = (depth: number): Uint8Array | undefined => {
    const piece = pieces[at];
    if (piece === undefined || piece.depth < depth) return undefined;
    if (piece.depth === depth) {
      at++;
      return piece.hash;
    }
    const left = fold(depth + 1);
    const right = left && fold(depth + 1);
    return left && right && stateBranchHash({ left, right }, crypto);
  };
  const root = fold(0);
  return at === pieces.length ? root : undefined;
}
