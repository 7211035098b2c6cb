import { readFileSync } from "node:fs";
import type { Crypto } from "@voltfog/runtime";
import { equalBytes } from "@voltfog/runtime";
import { decodeEntry, type LogEntry } from "../../log/entry.ts";
import { leafHash } from "../../log/tree-hash.ts";
import {
  type GroupHead,
  groupHead_bytes,
  groupLength_bytes,
  readGroupHead,
  recordFixed_bytes,
  segmentHeader_bytes,
  segmentName,
  viewOf,
} from "../log/journal-format.ts";
import { type RecordParts, readRecord, recordForm } from "../log/journal-record.ts";
import { SegmentFiles } from "../log/segment-files.ts";

/** What is left of one record of a journal that may be damaged. */
export interface SalvagedRecord {
  /** Where its group says that it stands; undefined where that can't be told. */
  readonly claimedIndex: number | undefined;
  /** Leaf hash of its entry; undefined where the record has no entry's form any more. */
  readonly leaf: Uint8Array | undefined;
  readonly entry: LogEntry | undefined;
  readonly frame: "none" | "sound" | "differs" | "erased";
  readonly isSound: boolean;
  /** Below the log's folder. */
  readonly file: string;
  readonly offset: number;
}

/** A record is longer than this only in a file that no unit wrote. */
const recordMax_bytes = 262_144;
const groupMagic = Buffer.from("VFGR");

/**
 * Reads every record that a journal still holds, in the order of its files, whatever was changed, cut
 * out or cut off. It trusts nothing and repairs nothing: what the records are worth, the caller finds
 * out by their leaf hashes. Reads a segment (64 MiB) at a time.
 */
export function* salvageJournal(o: {
  folder: string;
  crypto: Crypto;
  /** For the tree's leaves. */
  treeCrypto: Crypto;
}): Generator<SalvagedRecord> {
  const { crypto, treeCrypto } = o;
  const segments = new SegmentFiles(o.folder);
  for (const segment of segments.list()) {
    const bytes = new Uint8Array(readFileSync(segments.path(segment)));
    yield* salvageSegment({ bytes, file: `journal/${segmentName(segment)}`, crypto, treeCrypto });
  }
}

interface Segment {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly crypto: Crypto;
  readonly treeCrypto: Crypto;
}

function* salvageSegment(segment: Segment): Generator<SalvagedRecord> {
  const { bytes } = segment;
  let at = segmentHeader_bytes;
  while (at < bytes.length) {
    const head = readGroupHead(bytes.subarray(at));
    const next = head === undefined ? undefined : at + groupLength_bytes(head);
    if (head !== undefined && next !== undefined && isBoundary(bytes, next)) {
      yield* salvageGroup(segment, at, head);
      at = next;
      continue;
    }
    // The group was cut, or its head was changed: what is in it stands where the next head begins.
    const end = nextHead(bytes, at + 1);
    const from = head === undefined ? at : at + groupHead_bytes;
    yield* scan(segment, { from, end });
    at = end;
  }
}

function isBoundary(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || readGroupHead(bytes.subarray(at)) !== undefined;
}

/** The next place that reads as a group's head, or the end. */
function nextHead(bytes: Uint8Array, from: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = buffer.indexOf(groupMagic, from);
  while (at >= 0 && readGroupHead(bytes.subarray(at)) === undefined) {
    at = buffer.indexOf(groupMagic, at + 1);
  }
  return at < 0 ? bytes.length : at;
}

/** A group that lost no byte: each record stands where the one before it ends, or where the table says. */
function* salvageGroup(segment: Segment, at: number, head: GroupHead): Generator<SalvagedRecord> {
  const { bytes } = segment;
  const recordsEnd = at + groupHead_bytes + head.records_bytes;
  const starts = startsOf(bytes, { at, head, recordsEnd });
  for (const [i, start] of starts.entries()) {
    const claimedIndex = head.firstIndex + i;
    const end = starts[i + 1] ?? recordsEnd;
    yield recordAt(segment, { start, end, claimedIndex });
  }
}

/** Where the records of a group start: by their own lengths while these are sound, else by the table. */
function startsOf(
  bytes: Uint8Array,
  o: { at: number; head: GroupHead; recordsEnd: number },
): number[] {
  const { head, recordsEnd } = o;
  const first = o.at + groupHead_bytes;
  const view = viewOf(bytes);
  const starts: number[] = [];
  let expected = first;
  for (let i = 0; i < head.count; i++) {
    const told = first + view.getUint32(recordsEnd + 4 * i);
    const isSound = readRecord(bytes.subarray(0, recordsEnd), expected) !== undefined;
    const isTold = told >= expected && told < recordsEnd;
    const start = isSound || !isTold ? expected : told;
    starts.push(start);
    expected = nextStart(bytes, {
      start,
      recordsEnd,
      told: first + tableAt(view, recordsEnd, i + 1, head),
    });
  }
  return starts;
}

function tableAt(view: DataView, recordsEnd: number, i: number, head: GroupHead): number {
  return i < head.count ? view.getUint32(recordsEnd + 4 * i) : head.records_bytes;
}

function nextStart(
  bytes: Uint8Array,
  o: { start: number; recordsEnd: number; told: number },
): number {
  const parts = readRecord(bytes.subarray(0, o.recordsEnd), o.start);
  if (parts !== undefined) return parts.end;
  return o.told > o.start && o.told <= o.recordsEnd ? o.told : o.recordsEnd;
}

function recordAt(
  segment: Segment,
  o: { start: number; end: number; claimedIndex: number },
): SalvagedRecord {
  const { start, end, claimedIndex } = o;
  const bytes = segment.bytes.subarray(0, end);
  const sound = readRecord(bytes, start);
  const parts = sound ?? recordForm(bytes, start);
  return salvaged(segment, { parts, start, claimedIndex, isSound: sound !== undefined });
}

function salvaged(
  segment: Segment,
  o: {
    parts: RecordParts | undefined;
    start: number;
    claimedIndex: number | undefined;
    isSound: boolean;
  },
): SalvagedRecord {
  const { bytes, file, crypto } = segment;
  const { parts, claimedIndex, isSound } = o;
  const base = { claimedIndex, isSound, file, offset: o.start };
  if (parts === undefined) return { ...base, leaf: undefined, entry: undefined, frame: "none" };
  const data = bytes.subarray(parts.leafStart + 1, parts.entryEnd);
  const decoded = decodeEntry(data);
  const entry = decoded.ok ? decoded.value : undefined;
  const frame = frameState({ bytes, parts, entry, crypto });
  return { ...base, leaf: leafHash(data, segment.treeCrypto), entry, frame };
}

function frameState(o: {
  bytes: Uint8Array;
  parts: RecordParts;
  entry: LogEntry | undefined;
  crypto: Crypto;
}): SalvagedRecord["frame"] {
  const { bytes, parts, entry, crypto } = o;
  if (parts.isErased) return "erased";
  if (!parts.hasFrame || entry === undefined || entry.kind === "log-opened") return "none";
  const commitment = crypto.sha256(bytes.subarray(parts.entryEnd, parts.end));
  return equalBytes(commitment, entry.commitment) ? "sound" : "differs";
}

/** Every sound record of a stretch, wherever it starts; between two of them may lie anything. */
function* scan(segment: Segment, o: { from: number; end: number }): Generator<SalvagedRecord> {
  const { bytes } = segment;
  const view = viewOf(bytes);
  const stretch = bytes.subarray(0, o.end);
  let at = o.from;
  while (at + recordFixed_bytes < o.end) {
    const length = view.getUint32(at);
    const isPlausible = length > recordFixed_bytes && length <= recordMax_bytes;
    const parts = isPlausible ? readRecord(stretch, at) : undefined;
    if (parts === undefined) {
      at++;
      continue;
    }
    yield salvaged(segment, { parts, start: at, claimedIndex: undefined, isSound: true });
    at = parts.end;
  }
}
