import {
  accepted,
  type Crypto,
  equalBytes,
  identifierPattern,
  type Outcome,
  type Problem,
  refused,
  type Signer,
} from "@voltfog/runtime";
import { fromBase64, toBase64 } from "./base64.ts";
import { type LogHash, logHashOf } from "./log-hash.ts";
import type { TreeHead } from "./proofs.ts";
import { type NoteKey, type NoteProblem, noteKeyHash, openNote, signNote } from "./signed-note.ts";
import { hashLength_bytes } from "./tree-hash.ts";

/** The head of one log (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
}

export interface CheckpointProblem extends Problem {
  readonly code: NoteProblem["code"] | "CHECKPOINT_MALFORMED" | "ORIGIN_MISMATCH";
  readonly detail: string;
}

/** Which log of which unit: a unit that lost the end of one goes on with the next. */
export interface UnitLog {
  readonly unitId: string;
  /** From 1. */
  readonly number: number;
}

/**
 * A unit's log within its chain: the unit's id, followed by a number for the second and later ones,
 * such as unit-1 and unit-1/2.
 */
export function unitLogName({ unitId, number }: UnitLog): string {
  return number === 1 ? unitId : `${unitId}/${number}`;
}

/** The log of a name that {@link unitLogName} gives; undefined for any other text. */
export function parseUnitLogName(name: string): UnitLog | undefined {
  const [, unitId = "", digits] = /^([^/]+)(?:\/([1-9][0-9]{0,8}))?$/.exec(name) ?? [];
  const log = { unitId, number: digits === undefined ? 1 : Number(digits) };
  return identifierPattern.test(unitId) && unitLogName(log) === name ? log : undefined;
}

/**
 * The origin of a unit's log, also the name of its note key. The unit's first log unless told, and of
 * SHA-256 unless its consortium has another hash.
 */
export function logOrigin(o: {
  chain: string;
  unitId: string;
  number?: number;
  hash?: LogHash | undefined;
}): string {
  const kind = logKind(o.hash);
  return `voltfog/${o.chain}/${kind}/${unitLogName({ unitId: o.unitId, number: o.number ?? 1 })}`;
}

/** Logs of different hashes have different origins: no reader takes one for the other. */
function logKind(hash: LogHash | undefined): string {
  return hash === undefined || hash === "sha256" ? "log" : `log-${hash}`;
}

/** The log that an origin of this chain names; undefined for any other text. */
export function parseLogOrigin(origin: string, chain: string): UnitLog | undefined {
  const prefix = `voltfog/${chain}/${logKind(logHashOf(origin))}/`;
  return origin.startsWith(prefix) ? parseUnitLogName(origin.slice(prefix.length)) : undefined;
}

/** The origin that a note claims to be of; not verified. */
export function claimedOrigin(note: string): string {
  return note.slice(0, Math.max(0, note.indexOf("\n")));
}

/** SHA-256(origin ‖ newline ‖ 0x01 ‖ public key), 32 bytes: names one log everywhere. */
export function logId(o: { origin: string; publicKey: Uint8Array; crypto: Crypto }): Uint8Array {
  return noteKeyHash({ name: o.origin, publicKey: o.publicKey, crypto: o.crypto });
}

/** The signed text: origin, size, root, a line each. */
export function checkpointText(o: Checkpoint): string {
  return `${o.origin}\n${o.size}\n${toBase64(o.root)}\n`;
}

/** A signed note; the same tree and key always give the same text. */
export function signCheckpoint(o: Checkpoint & { signer: Signer; crypto: Crypto }): string {
  return signNote({ text: checkpointText(o), name: o.origin, signer: o.signer, crypto: o.crypto });
}

/**
 * The checkpoint of a note that the log's key signed. Signatures of other keys and extension lines
 * are passed over, as the formats want.
 */
export function openCheckpoint(o: {
  note: string;
  origin: string;
  publicKey: Uint8Array;
  crypto: Crypto;
}): Outcome<Checkpoint, CheckpointProblem> {
  const key = { name: o.origin, publicKey: o.publicKey };
  const opened = openNote({ note: o.note, key, crypto: o.crypto });
  if (!opened.ok) return opened;
  const [origin = "", size = "", root = "", ...extensions] = opened.value.text
    .slice(0, -1)
    .split("\n");
  const rootBytes = fromBase64(root);
  const sizeNumber = /^(0|[1-9][0-9]{0,15})$/.test(size) ? Number(size) : Number.NaN;
  if (!Number.isSafeInteger(sizeNumber)) return malformed("the second line is not a tree size");
  if (rootBytes?.length !== hashLength_bytes) return malformed("the third line is not a root hash");
  if (extensions.includes("")) return malformed("an extension line is empty");
  if (origin !== o.origin) {
    return refused({ code: "ORIGIN_MISMATCH", detail: `the note is of ${origin}` });
  }
  return accepted({ origin, size: sizeNumber, root: rootBytes });
}

/**
 * Why a note is not exactly the log's own checkpoint of this tree, with one signature and nothing
 * else; undefined where it is. The signature itself is verified by {@link openCheckpoint}.
 */
export function checkpointFormFault(o: {
  note: string;
  head: TreeHead;
  key: NoteKey;
  crypto: Crypto;
}): string | undefined {
  const { note, key } = o;
  const start = `${checkpointText({ origin: key.name, ...o.head })}\n— ${key.name} `;
  if (!note.startsWith(start)) return "the note is not of this tree";
  const signature = fromBase64(note.slice(start.length, -1));
  const keyHash = noteKeyHash({ ...key, crypto: o.crypto }).subarray(0, 4);
  const whole = signature?.length === 68 && note.endsWith("\n");
  if (whole && equalBytes(signature.subarray(0, 4), keyHash)) return undefined;
  return "the note's signature line is malformed";
}

function malformed(detail: string): Outcome<never, CheckpointProblem> {
  return refused({ code: "CHECKPOINT_MALFORMED", detail });
}
