import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { CodedError, Crypto, Signer } from "@voltfog/runtime";
import { type DeviceEntry, decodeEntry } from "../../log/entry.ts";
import { type Amendment, amendmentMessage, readErasures, writeErasures } from "./erasure-file.ts";
import {
  type GroupHead,
  groupHead_bytes,
  groupLength_bytes,
  type JournalChain,
  readGroupHead,
  readSegmentHeader,
  seal_bytes,
  segmentHeader_bytes,
} from "./journal-format.ts";
import { eraseRecord, readRecord } from "./journal-record.ts";
import { corruptLog, journalFolder } from "./log-files.ts";
import { type OpenSegment, SegmentFiles } from "./segment-files.ts";

export interface EraseOptions {
  /** The log's folder; nobody else has it open. */
  readonly folder: string;
  /** The unit's own key: it vouches for what is left. */
  readonly signer: Signer;
  readonly crypto: Crypto;
  /** Whose frame is to go. */
  readonly isMeant: (entry: DeviceEntry) => boolean;
  readonly by: string;
  readonly reason: string;
  readonly ordered_ms: number;
}

interface Change {
  readonly segment: number;
  readonly at_bytes: number;
  readonly bytes: Uint8Array;
}

interface Plan {
  readonly changes: Change[];
  readonly indexes: number[];
  readonly amendments: Map<number, Amendment>;
}

/**
 * Overwrites frames, their salts with them, and the vehicle ids beside them with zeros where they lie in
 * the journal. Entries, tree, checkpoints and every other proof stay as they were. Who ordered it and the
 * unit's signature over each changed group are durable before the first byte is overwritten, so after a
 * crash the same call finishes the work. Gives the indexes of all frames erased by this call. LOG_CORRUPT
 * where the journal is damaged: nothing is changed then.
 */
export function eraseFrames(options: EraseOptions): readonly number[] {
  const { folder, by, reason, ordered_ms } = options;
  if (!existsSync(join(folder, journalFolder))) return [];
  const known = readErasures(folder);
  if (known === undefined) throw corruptLog(folder, 0, "its list of erasures does not read");
  const segments = new SegmentFiles(join(folder, journalFolder));
  const plan: Plan = { changes: [], indexes: [], amendments: new Map(known.amendments) };
  for (const segment of segments.list()) {
    segments.withSegment(segment, (file) =>
      planSegment(options, { plan, file, segment, segments }),
    );
  }
  if (plan.changes.length === 0) return [];
  const orders = [...known.orders, { by, reason, ordered_ms, indexes: plan.indexes }];
  writeErasures(folder, { orders, amendments: plan.amendments });
  for (const change of plan.changes) overwrite(segments.path(change.segment), change);
  return plan.indexes;
}

function planSegment(
  options: EraseOptions,
  o: { plan: Plan; file: OpenSegment; segment: number; segments: SegmentFiles },
): void {
  const { plan, file, segment } = o;
  const damaged = (at: number): CodedError =>
    corruptLog(o.segments.path(segment), at, "not a group; check the log before erasing in it");
  const header = readSegmentHeader(file.read({ at: 0, length: segmentHeader_bytes }));
  if (header === undefined) throw damaged(0);
  let before = header.before;
  for (let at = segmentHeader_bytes; at < file.size_bytes; ) {
    const head = readGroupHead(file.read({ at, length: groupHead_bytes }));
    const length = head === undefined ? 0 : groupLength_bytes(head);
    // What a crash left of the last group is cut off when the log opens.
    if (head === undefined || at + length > file.size_bytes) {
      const isTail = file.size_bytes - at < Math.max(length, groupHead_bytes);
      if (isTail) return;
      throw damaged(at);
    }
    const bytes = file.read({ at, length });
    const sealed = {
      digest: bytes.slice(length - seal_bytes, length - 64),
      seal: bytes.slice(length - 64),
    };
    planGroup(options, { plan, head, bytes, before, sealed, segment, at, damaged });
    before = sealed;
    at += length;
  }
}

function planGroup(
  options: EraseOptions,
  o: {
    plan: Plan;
    head: GroupHead;
    bytes: Uint8Array;
    before: JournalChain;
    sealed: JournalChain;
    segment: number;
    at: number;
    damaged: (at: number) => CodedError;
  },
): void {
  const { plan, head, bytes, sealed } = o;
  const found = eraseInGroup(options, o);
  if (found.length === 0) return;
  const { crypto, signer } = options;
  const end = bytes.length - seal_bytes;
  const digest = crypto.sha256(o.before.digest, o.before.seal, bytes.subarray(0, end));
  const seal = signer.sign(amendmentMessage({ sealed, amended: digest }));
  plan.amendments.set(head.firstIndex, { digest, seal });
  plan.changes.push({ segment: o.segment, at_bytes: o.at, bytes });
  plan.indexes.push(...found);
}

/** Erases in the copy of the group; gives the indexes. */
function eraseInGroup(
  options: EraseOptions,
  o: { head: GroupHead; bytes: Uint8Array; at: number; damaged: (at: number) => CodedError },
): number[] {
  const { head, bytes } = o;
  const records = bytes.subarray(0, groupHead_bytes + head.records_bytes);
  const found: number[] = [];
  let at = groupHead_bytes;
  for (let i = 0; i < head.count; i++) {
    const parts = readRecord(records, at);
    if (parts === undefined) throw o.damaged(o.at + at);
    const entry = decodeEntry(bytes.subarray(parts.leafStart + 1, parts.entryEnd));
    const isDevice = entry.ok && entry.value.kind !== "log-opened";
    if (parts.hasFrame && isDevice && options.isMeant(entry.value)) {
      eraseRecord(bytes, at, parts);
      found.push(head.firstIndex + i);
    }
    at = parts.end;
  }
  return found;
}

function overwrite(path: string, { at_bytes, bytes }: Change): void {
  const file = openSync(path, "r+");
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(file, bytes, at, bytes.length - at, at_bytes + at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
