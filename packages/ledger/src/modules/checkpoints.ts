import {
  accepted,
  type ByteReader,
  ByteWriter,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";
import { logId, logOrigin, openCheckpoint } from "../log/checkpoint.ts";
import { type TreeHead, verifyConsistency } from "../log/proofs.ts";
import { logName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { idCommitmentOf, unitSalt } from "./device-record.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const checkpointAction = { submit: 1 } as const;

/** Payload of checkpoints/submit. */
export interface CheckpointSubmission {
  /** The signed note of the log's checkpoint. */
  readonly note: string;
  /** RFC 6962 consistency path from the log's last final size; empty for its first checkpoint. */
  readonly path: readonly Uint8Array[];
}

/** Data of an OK result of checkpoints/submit. */
export interface FinalCheckpoint extends TreeHead {
  readonly logId: Uint8Array;
}

/** Last final checkpoint of one log: the value of a log/ name. */
export interface LogState extends TreeHead {
  /** Block that made it final. */
  readonly height: number;
  /** Its place in the log of results. */
  readonly resultIndex: number;
}

const noteMax_bytes = 4096;
const pathMax = 128;

export function encodeCheckpointSubmission(submission: CheckpointSubmission): Uint8Array {
  const writer = new ByteWriter().block(utf8(submission.note)).u32(submission.path.length);
  for (const hash of submission.path) writer.raw(hash);
  return writer.finish();
}

export function decodeCheckpointSubmission(
  bytes: Uint8Array,
): Outcome<CheckpointSubmission, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    note: readNote(reader),
    path: reader.list({ limit: pathMax, read: (inner) => inner.raw(32) }),
  }));
}

function readNote(reader: ByteReader): string {
  const bytes = reader.block(noteMax_bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail("note is not UTF-8");
  }
}

export function encodeFinalCheckpoint(checkpoint: FinalCheckpoint): Uint8Array {
  return new ByteWriter().raw(checkpoint.logId).u64(checkpoint.size).raw(checkpoint.root).finish();
}

export function decodeFinalCheckpoint(
  bytes: Uint8Array,
): Outcome<FinalCheckpoint, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    logId: reader.raw(32),
    size: reader.u64(),
    root: reader.raw(32),
  }));
}

export function encodeLogState(state: LogState): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .u64(state.size)
    .raw(state.root)
    .u64(state.height)
    .u64(state.resultIndex)
    .finish();
}

export function decodeLogState(bytes: Uint8Array): Outcome<LogState, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`log state version ${version}, this reads 1`);
    return {
      size: reader.u64(),
      root: reader.raw(32),
      height: reader.u64(),
      resultIndex: reader.u64(),
    };
  });
}

/** A log grows and never changes: each final size begins with the one before. */
export const checkpointsModule: LedgerModule = {
  number: moduleNumber.checkpoints,
  name: "checkpoints",
  prepare(action, payload) {
    if (action !== checkpointAction.submit) return undefined;
    const decoded = decodeCheckpointSubmission(payload);
    if (!decoded.ok) return decoded;
    return accepted((state, context) => submit({ state, context, submission: decoded.value }));
  },
};

function submit(options: {
  state: StateTree;
  context: TransactionContext;
  submission: CheckpointSubmission;
}): Verdict {
  const { state, context, submission } = options;
  const { crypto, sender } = context;
  const origin = ownOrigin(submission.note, context);
  if (origin === undefined) return { code: "LOG_NOT_YOURS" };
  const opened = openCheckpoint({ note: submission.note, origin, publicKey: sender.key, crypto });
  if (!opened.ok) return { code: "NOTE_INVALID" };
  const { size, root } = opened.value;
  const id = logId({ origin, publicKey: sender.key, crypto });
  const name = logName(id);
  const refusal = growthRefusal({
    from: readLogState(state.get(name)),
    to: { size, root },
    path: submission.path,
    context,
  });
  if (refusal !== undefined) return { code: refusal };
  const { height, resultIndex } = context;
  return {
    code: "OK",
    state: state.with(name, encodeLogState({ size, root, height, resultIndex })),
    data: encodeFinalCheckpoint({ logId: id, size, root }),
  };
}

/** The note's origin where it names the sending unit's own log of this chain. */
function ownOrigin(note: string, context: TransactionContext): string | undefined {
  const { unit } = context.sender;
  const origin = note.slice(0, Math.max(0, note.indexOf("\n")));
  const prefix = logOrigin({ chain: context.genesis.chain, unitId: "" });
  if (unit === undefined || !origin.startsWith(prefix)) return undefined;
  const id = origin.slice(prefix.length);
  const commitment = idCommitmentOf({ salt: unitSalt, id }, context.crypto);
  return equalBytes(commitment, unit.idCommitment) ? origin : undefined;
}

function growthRefusal(options: {
  from: LogState | undefined;
  to: TreeHead;
  path: readonly Uint8Array[];
  context: TransactionContext;
}): "NOT_GROWN" | "INCONSISTENT" | undefined {
  const { from, to, path } = options;
  if (from === undefined) {
    if (to.size === 0) return "NOT_GROWN";
    return path.length === 0 ? undefined : "INCONSISTENT";
  }
  // The same size with another root is no delay but a rewritten log.
  if (to.size === from.size && !equalBytes(to.root, from.root)) return "INCONSISTENT";
  if (to.size <= from.size) return "NOT_GROWN";
  const { crypto } = options.context;
  return verifyConsistency({ from, to, path, crypto }) ? undefined : "INCONSISTENT";
}

/** The log's state from the chain's own tree. */
export function readLogState(value: Uint8Array | undefined): LogState | undefined {
  const decoded = value && decodeLogState(value);
  return decoded?.ok ? decoded.value : undefined;
}
