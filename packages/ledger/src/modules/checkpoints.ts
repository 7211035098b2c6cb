import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";
import {
  claimedOrigin,
  logId,
  logOrigin,
  openCheckpoint,
  parseLogOrigin,
  type UnitLog,
} from "../log/checkpoint.ts";
import { encodeEntry, type LogEnd } from "../log/entry.ts";
import { logHashOf, treeCrypto } from "../log/log-hash.ts";
import { type TreeHead, verifyConsistency } from "../log/proofs.ts";
import { emptyRoot, leafHash } from "../log/tree-hash.ts";
import { currentLogName, logName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { idCommitmentOf, keyIdOf, unitSalt } from "./device-record.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const checkpointAction = { submit: 1, open: 2 } as const;

/** Payload of checkpoints/submit. */
export interface CheckpointSubmission {
  /** The signed note of the log's checkpoint. */
  readonly note: string;
  /** RFC 6962 consistency path from the log's last final size; empty for its first checkpoint. */
  readonly path: readonly Uint8Array[];
}

/** Payload of checkpoints/open: the unit goes on with a new log in place of the one that was current. */
export interface LogOpening {
  /** The signed note of the new log's checkpoint at size 1. */
  readonly note: string;
  /** Its only entry, which names the log whose place it takes. */
  readonly entry: Uint8Array;
}

/** Data of an OK result of checkpoints/submit and checkpoints/open. */
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
const entryMax_bytes = 256;

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

export function encodeLogOpening(opening: LogOpening): Uint8Array {
  return new ByteWriter().block(utf8(opening.note)).block(opening.entry).finish();
}

export function decodeLogOpening(bytes: Uint8Array): Outcome<LogOpening, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    note: readNote(reader),
    entry: reader.block(entryMax_bytes),
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
    if (action === checkpointAction.submit) {
      const decoded = decodeCheckpointSubmission(payload);
      if (!decoded.ok) return decoded;
      return accepted((state, context) => submit({ state, context, submission: decoded.value }));
    }
    if (action !== checkpointAction.open) return undefined;
    const decoded = decodeLogOpening(payload);
    if (!decoded.ok) return decoded;
    return accepted((state, context) => openLog({ state, context, opening: decoded.value }));
  },
};

function submit(options: {
  state: StateTree;
  context: TransactionContext;
  submission: CheckpointSubmission;
}): Verdict {
  const { state, context, submission } = options;
  const { crypto, sender } = context;
  const log = ownLog(submission.note, context);
  const current = currentLogNumber(state.get(currentLogName(keyIdOf(sender.key, crypto))));
  // A log that was not opened here is nobody's; one that another took the place of is closed for good.
  if (log === undefined || log.number > current) return { code: "LOG_NOT_YOURS" };
  if (log.number < current) return { code: "LOG_SUPERSEDED" };
  const { origin } = log;
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

/**
 * A unit whose log has lost its end goes on with a new one. Its first entry names the log that was
 * current, at exactly the size and root that are final here, so nothing final is left behind and
 * nothing else is vouched for; from then on the old log takes no further checkpoint.
 */
function openLog(options: {
  state: StateTree;
  context: TransactionContext;
  opening: LogOpening;
}): Verdict {
  const { state, context, opening } = options;
  const { crypto, sender, height, resultIndex } = context;
  const log = ownLog(opening.note, context);
  if (log === undefined) return { code: "LOG_NOT_YOURS" };
  const currentName = currentLogName(keyIdOf(sender.key, crypto));
  const current = currentLogNumber(state.get(currentName));
  if (log.number <= current) return { code: "LOG_SUPERSEDED" };
  const { origin } = log;
  const opened = openCheckpoint({ note: opening.note, origin, publicKey: sender.key, crypto });
  const root = leafHash(opening.entry, treeCrypto(logHashOf(origin), crypto));
  if (!opened.ok || opened.value.size !== 1 || !equalBytes(opened.value.root, root)) {
    return { code: "NOTE_INVALID" };
  }
  const { unitId } = log;
  const { chain, logHash: hash } = context.genesis;
  const before = logOrigin({ chain, unitId, number: current, hash });
  const beforeId = logId({ origin: before, publicKey: sender.key, crypto });
  const end = finalEnd({
    logId: beforeId,
    state: readLogState(state.get(logName(beforeId))),
    crypto: treeCrypto(logHashOf(before), crypto),
  });
  const expected = encodeEntry({ kind: "log-opened", predecessor: end });
  if (!equalBytes(opening.entry, expected)) return { code: "PREDECESSOR_DIFFERS" };
  const id = logId({ origin, publicKey: sender.key, crypto });
  return {
    code: "OK",
    state: state
      .with(logName(id), encodeLogState({ size: 1, root, height, resultIndex }))
      .with(currentName, encodeCurrentLog(log.number)),
    data: encodeFinalCheckpoint({ logId: id, size: 1, root }),
  };
}

/** The end of a log as the chain knows it: what a log that takes its place must name. */
export function finalEnd(o: {
  logId: Uint8Array;
  state: TreeHead | undefined;
  crypto: Crypto;
}): LogEnd {
  const { size, root } = o.state ?? { size: 0, root: emptyRoot(o.crypto) };
  return { logId: o.logId, size, root };
}

/** The value of a current-log name: u8 1 · u32 number. */
function encodeCurrentLog(number: number): Uint8Array {
  return new ByteWriter().u8(1).u32(number).finish();
}

/** Which of its logs a unit writes, from the value of its name in the state; 1 where there is none. */
export function currentLogNumber(value: Uint8Array | undefined): number {
  if (value === undefined) return 1;
  const decoded = decodeBytes(value, (reader) => {
    if (reader.u8() !== 1) reader.fail("unknown version");
    return reader.u32();
  });
  return decoded.ok ? decoded.value : 1;
}

/** The log that a note claims to be of, where it is one of the sending unit's on this chain. */
function ownLog(
  note: string,
  context: TransactionContext,
): (UnitLog & { readonly origin: string }) | undefined {
  const { unit } = context.sender;
  const origin = claimedOrigin(note);
  const log = parseLogOrigin(origin, context.genesis.chain);
  const isOfHash = logHashOf(origin) === (context.genesis.logHash ?? "sha256");
  if (unit === undefined || log === undefined || !isOfHash) return undefined;
  const commitment = idCommitmentOf({ salt: unitSalt, id: log.unitId }, context.crypto);
  return equalBytes(commitment, unit.idCommitment) ? { ...log, origin } : undefined;
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
  const { crypto: plain, genesis } = options.context;
  const crypto = treeCrypto(genesis.logHash ?? "sha256", plain);
  return verifyConsistency({ from, to, path, crypto }) ? undefined : "INCONSISTENT";
}

/** The log's state from the chain's own tree. */
export function readLogState(value: Uint8Array | undefined): LogState | undefined {
  const decoded = value && decodeLogState(value);
  return decoded?.ok ? decoded.value : undefined;
}
