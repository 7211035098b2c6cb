import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  equalBytes,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { StateTree } from "../state/state-tree.ts";
import type { ChainEvidence } from "./chain-evidence.ts";
import type { ChainHead } from "./chain-head.ts";
import { headerHash } from "./header.ts";
import { ResultsLog } from "./results-log.ts";
import { decodeFirstSnapshot } from "./snapshot-first-form.ts";
import { openSnapshotPart, type SnapshotSource, snapshotSource } from "./snapshot-parts.ts";
import {
  decodeSnapshotPlan,
  encodeSnapshotPlan,
  partCount,
  partMax_bytes,
  planMax_bytes,
  type SnapshotPlan,
  snapshotId,
  verifySnapshotPlan,
} from "./snapshot-plan.ts";
import type { SnapshotProblem } from "./snapshot-problem.ts";

/** What a chain is at one height. */
export interface ChainPosition {
  readonly head: ChainHead;
  readonly state: StateTree;
  readonly log: ResultsLog;
}

/** u8 version (2) · block plan · block of each part, in order. Everything in it is bound by the header. */
export function encodeSnapshot(source: SnapshotSource): Uint8Array {
  const head = new ByteWriter().raw(encodeSnapshotHead(source.plan)).finish();
  const parts = [...source.parts()].map((part) => new ByteWriter().block(part).finish());
  return concatBytes(head, ...parts);
}

/** What stands before the parts. */
export function encodeSnapshotHead(plan: SnapshotPlan): Uint8Array {
  return new ByteWriter().u8(2).block(encodeSnapshotPlan(plan)).finish();
}

/** Reads a whole snapshot, of this form or the first one, and proves every byte of it. */
export function decodeSnapshot(options: {
  bytes: Uint8Array;
  genesis: Genesis;
  crypto: Crypto;
}): Outcome<ChainPosition, SnapshotProblem> {
  const { bytes, genesis, crypto } = options;
  if (bytes[0] === 1) return decodeFirstSnapshot(options);
  const decoded = decodeBytes(bytes, readParts);
  if (!decoded.ok) {
    return refused({ code: "SNAPSHOT_MALFORMED", detail: decoded.problem.detail });
  }
  const assembly = SnapshotAssembly.begin({ plan: decoded.value.plan, genesis, crypto });
  if (!assembly.ok) return assembly;
  for (const part of decoded.value.parts) {
    const problem = assembly.value.take(part);
    if (problem !== undefined) return refused(problem);
  }
  return assembly.value.finish();
}

function readParts(reader: ByteReader): { plan: SnapshotPlan; parts: readonly Uint8Array[] } {
  const version = reader.u8();
  if (version !== 2) reader.fail(`snapshot version ${version}, this reads 1 and 2`);
  const plan = decodeSnapshotPlan(reader.block(planMax_bytes));
  if (!plan.ok) return reader.fail(`plan: ${plan.problem.detail}`);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < partCount(plan.value); i++) parts.push(reader.block(partMax_bytes));
  return { plan: plan.value, parts };
}

/** Puts a chain's position together from its parts, in order, each proved before it is taken. */
export class SnapshotAssembly {
  readonly #plan: SnapshotPlan;
  readonly #crypto: Crypto;
  readonly #log: ResultsLog;
  #state: StateTree;
  #place = 0;

  private constructor(options: { plan: SnapshotPlan; crypto: Crypto }) {
    this.#plan = options.plan;
    this.#crypto = options.crypto;
    this.#log = new ResultsLog(options);
    this.#state = StateTree.empty(options.crypto);
  }

  static begin(options: {
    plan: SnapshotPlan;
    genesis: Genesis;
    crypto: Crypto;
  }): Outcome<SnapshotAssembly, SnapshotProblem> {
    const verdict = verifySnapshotPlan(options);
    return verdict.ok ? accepted(new SnapshotAssembly(options)) : verdict;
  }

  /** Why these bytes are not the next part; undefined where they were taken. */
  take(bytes: Uint8Array): SnapshotProblem | undefined {
    const place = this.#place;
    const part = openSnapshotPart({ plan: this.#plan, place, bytes, crypto: this.#crypto });
    if (!part.ok) return part.problem;
    this.#place++;
    if (part.value.kind === "results") this.#log.append(part.value.leaves);
    else {
      for (const { key, value } of part.value.leaves) this.#state = this.#state.withKey(key, value);
    }
    return undefined;
  }

  /** The position, if no part is missing and the plan is the one that every writer would have made. */
  finish(): Outcome<ChainPosition, SnapshotProblem> {
    const missing = partCount(this.#plan) - this.#place;
    if (missing > 0) {
      return refused({ code: "SNAPSHOT_MALFORMED", detail: `${missing} parts are missing` });
    }
    const evidence: ChainEvidence = this.#plan.evidence;
    const { header, certificate } = evidence;
    const state = this.#state;
    const log = this.#log;
    const own = snapshotSource({ evidence, state, log, crypto: this.#crypto }).plan;
    if (!equalBytes(snapshotId(own, this.#crypto), snapshotId(this.#plan, this.#crypto))) {
      return refused({ code: "SNAPSHOT_MALFORMED", detail: "its parts are cut otherwise" });
    }
    const hash = headerHash(header, this.#crypto);
    return accepted({ head: { header, hash, certificate }, state, log });
  }
}
