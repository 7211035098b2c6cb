import { type Crypto, equalBytes } from "@voltfog/runtime";
import { checkpointFormFault } from "../../log/checkpoint.ts";
import type { CompactRange, LevelSink } from "../../log/compact-range.ts";
import { decodeEntry, type LogEntry } from "../../log/entry.ts";
import { type NoteKey, openNote } from "../../log/signed-note.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { type Amendment, amendmentHolds } from "./erasure-file.ts";
import {
  type GroupHead,
  groupHead_bytes,
  type JournalChain,
  sealMessage,
  viewOf,
} from "./journal-format.ts";
import { type RecordParts, readRecord } from "./journal-record.ts";
import type { FsckProblem } from "./log-types.ts";

/** A fault in a group and the byte of the group where it lies. */
export interface GroupFault {
  readonly code: FsckProblem["code"];
  readonly detail: string;
  readonly at: number;
}

export interface CheckedEntry {
  readonly entry: LogEntry;
  readonly index: number;
  readonly parts: RecordParts;
}

export interface CheckedGroup {
  readonly chain: JournalChain;
  readonly note: string;
  readonly entries: readonly CheckedEntry[];
}

export interface GroupCheckOptions {
  /** The whole group. */
  readonly bytes: Uint8Array;
  readonly head: GroupHead;
  readonly before: JournalChain;
  /** Grown by the group's leaves. */
  readonly range: CompactRange;
  readonly sink?: LevelSink;
  readonly key: NoteKey;
  readonly crypto: Crypto;
  /** For the tree's leaves. */
  readonly treeCrypto: Crypto;
  /** Verifies both signatures; without it they are only covered by the digest of the next group. */
  readonly signatures: boolean;
  /** What the unit vouches for since frames were erased in the group. */
  readonly amendment?: Amendment | undefined;
}

/** Recomputes everything in a group: checks, entries, frames' commitments, root, note, digest and seal. */
export function checkGroup(o: GroupCheckOptions): CheckedGroup | GroupFault {
  const entries = checkRecords(o);
  if ("code" in entries) return entries;
  const { bytes, head, crypto } = o;
  const leaves = new Uint8Array(32 * entries.length);
  for (const [i, { parts }] of entries.entries()) {
    const data = bytes.subarray(parts.leafStart + 1, parts.entryEnd);
    leaves.set(leafHash(data, o.treeCrypto), 32 * i);
  }
  o.range.appendAll(leaves, o.sink);
  const noteStart = groupHead_bytes + head.records_bytes + 4 * head.count;
  const digestStart = noteStart + head.note_bytes;
  const note = Buffer.from(bytes.subarray(noteStart, digestStart)).toString("utf8");
  const noteFault = checkNote(o, note);
  if (noteFault !== undefined) return { code: "ROOT_MISMATCH", detail: noteFault, at: noteStart };
  const digest = crypto.sha256(o.before.digest, o.before.seal, bytes.subarray(0, digestStart));
  const chain = {
    digest: bytes.slice(digestStart, digestStart + 32),
    seal: bytes.slice(digestStart + 32, digestStart + 96),
  };
  if (entries.some(({ parts }) => parts.isErased)) {
    return amendedGroup(o, { chain, note, entries, digest, digestStart });
  }
  if (!equalBytes(digest, chain.digest)) return blame(o, { note, noteStart, digestStart });
  if (o.signatures && !sealHolds(o, chain)) {
    return fault("the seal is not the unit's signature", digestStart + 32);
  }
  return { chain, note, entries };
}

/** A group in which frames were erased: its digest can't be recomputed, the unit's word stands in. */
function amendedGroup(
  o: GroupCheckOptions,
  found: CheckedGroup & { digest: Uint8Array; digestStart: number },
): CheckedGroup | GroupFault {
  const { chain, note, entries, digest, digestStart } = found;
  const { amendment, crypto, key } = o;
  if (!sealHolds(o, chain)) return fault("the seal is not the unit's signature", digestStart + 32);
  const { publicKey } = key;
  if (amendmentHolds({ amendment, sealed: chain, digest, publicKey, crypto })) {
    return { chain, note, entries };
  }
  return fault(
    "frames were erased here, and the unit's signature does not cover that",
    digestStart,
  );
}

/** Whether the unit's key signed the journal up to here. */
export function sealHolds(o: { key: NoteKey; crypto: Crypto }, chain: JournalChain): boolean {
  const message = sealMessage(chain.digest);
  return o.crypto.verify({ publicKey: o.key.publicKey, message, signature: chain.seal });
}

function checkRecords(o: GroupCheckOptions): CheckedEntry[] | GroupFault {
  const { bytes, head } = o;
  const recordsEnd = groupHead_bytes + head.records_bytes;
  const records = bytes.subarray(0, recordsEnd);
  const view = viewOf(bytes);
  const entries: CheckedEntry[] = [];
  let at = groupHead_bytes;
  for (let i = 0; i < head.count; i++) {
    const parts = readRecord(records, at);
    if (parts === undefined) return fault("a record's check does not match", at);
    if (view.getUint32(recordsEnd + 4 * i) !== at - groupHead_bytes) {
      return fault("the table does not point to the record", recordsEnd + 4 * i);
    }
    const entry = decodeEntry(bytes.subarray(parts.leafStart + 1, parts.entryEnd));
    if (!entry.ok) return { code: "ENTRY_MALFORMED", detail: entry.problem.detail, at };
    const index = head.firstIndex + i;
    const misplaced = placeFault(o, { entry: entry.value, index, parts });
    if (misplaced !== undefined) return { ...misplaced, at };
    entries.push({ entry: entry.value, index, parts });
    at = parts.end;
  }
  return at === recordsEnd ? entries : fault("records are left over", at);
}

/** Why an entry cannot stand there with the frame behind it. */
function placeFault(
  o: GroupCheckOptions,
  { entry, index, parts }: CheckedEntry,
): Omit<GroupFault, "at"> | undefined {
  if (entry.kind === "log-opened") {
    const isSound = index === 0 && !parts.hasFrame;
    const detail = "an opening stands only at the start of a log, without a frame";
    return isSound ? undefined : { code: "ENTRY_MALFORMED", detail };
  }
  if (!parts.hasFrame) return undefined;
  const commitment = o.crypto.sha256(o.bytes.subarray(parts.entryEnd, parts.end));
  const detail = "the frame is not the one that its entry commits to";
  return equalBytes(commitment, entry.commitment)
    ? undefined
    : { code: "COMMITMENT_MISMATCH", detail };
}

/** Why the note is not the one canonical note of the recomputed tree, or undefined where it is. */
function checkNote(o: GroupCheckOptions, note: string): string | undefined {
  const { key, range, crypto } = o;
  const head = { size: range.size, root: range.root() };
  const fault = checkpointFormFault({ note, head, key, crypto });
  if (fault !== undefined || !o.signatures) return fault;
  return openNote({ note, key, crypto }).ok ? undefined : "the note's signature is wrong";
}

/** Records, table and note text are sound but the digest differs: says which of the rest was changed. */
function blame(
  o: GroupCheckOptions,
  at: { note: string; noteStart: number; digestStart: number },
): GroupFault {
  if (!openNote({ note: at.note, key: o.key, crypto: o.crypto }).ok) {
    return fault("the note's signature is wrong", at.noteStart);
  }
  const first = o.before.seal.every((byte) => byte === 0);
  if (!first && !sealHolds(o, o.before)) return fault("the seal before this group is wrong", -96);
  return fault("the digest does not match", at.digestStart);
}

function fault(detail: string, at: number): GroupFault {
  return { code: "JOURNAL_CORRUPT", detail, at };
}
