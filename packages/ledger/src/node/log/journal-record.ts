import { crc32 } from "node:zlib";
import { utf8 } from "@voltfog/runtime";
import { decodeEntry, encodedLength_bytes, type LogEntry, writeEntry } from "../../log/entry.ts";
import { readU64, recordFixed_bytes, viewOf, writeU64 } from "./journal-format.ts";
import type { LogAppend, StoredEntry } from "./log-types.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What one record is made of: something appended, or a log's opening. */
export type JournalItem = Omit<LogAppend, "entry"> & { readonly entry: LogEntry };

/** Where the parts of one record lie in a buffer; no copies. */
export interface RecordParts {
  readonly accepted_ms: number;
  readonly idStart: number;
  readonly idEnd: number;
  readonly hasFrame: boolean;
  /** True where a frame was, and zeros are now; nor does the record name a vehicle any more. */
  readonly isErased: boolean;
  /** The leaf prefix; the entry follows it. */
  readonly leafStart: number;
  readonly entryEnd: number;
  readonly end: number;
}

/** Utf-8 bytes of an id; units log the same few ids over and over. */
const knownIds = new Map<string, Uint8Array>();
const knownIdsMax = 4096;
const noId = new Uint8Array(0);

export function idBytes(vehicleId: string | undefined): Uint8Array {
  if (vehicleId === undefined) return noId;
  const known = knownIds.get(vehicleId);
  if (known !== undefined) return known;
  const bytes = utf8(vehicleId);
  if (knownIds.size >= knownIdsMax) knownIds.clear();
  knownIds.set(vehicleId, bytes);
  return bytes;
}

export function recordLength_bytes(item: JournalItem): number {
  const id_bytes = idBytes(item.vehicleId).length;
  return recordFixed_bytes + id_bytes + encodedLength_bytes(item.entry) + (item.frame?.length ?? 0);
}

/** Writes one record at `at`; gives where its leaf prefix lies. */
export function writeRecord(o: {
  item: JournalItem;
  bytes: Uint8Array;
  view: DataView;
  at: number;
  length: number;
}): number {
  const { item, bytes, view, at } = o;
  const id = idBytes(item.vehicleId);
  view.setUint32(at, o.length);
  writeU64(view, at + 8, item.accepted_ms);
  bytes[at + 16] = id.length;
  if (id.length > 0) bytes.set(id, at + 17);
  const next = at + 17 + id.length;
  const entry_bytes = encodedLength_bytes(item.entry);
  bytes[next] = item.frame === undefined ? 0 : 1;
  bytes[next + 1] = entry_bytes;
  bytes[next + 2] = 0;
  writeEntry({ entry: item.entry, bytes, view, at: next + 3 });
  if (item.frame !== undefined) bytes.set(item.frame, next + 3 + entry_bytes);
  view.setUint32(at + 4, crc32(bytes.subarray(at + 8, at + o.length)));
  return next + 2;
}

/** The record at `at`, or undefined where its check or its form is wrong. */
export function readRecord(bytes: Uint8Array, at: number): RecordParts | undefined {
  const parts = recordForm(bytes, at);
  if (parts === undefined) return undefined;
  const isSound = viewOf(bytes).getUint32(at + 4) === crc32(bytes.subarray(at + 8, parts.end));
  return isSound ? parts : undefined;
}

/** The same without the check: where the parts of a damaged record would lie. */
export function recordForm(bytes: Uint8Array, at: number): RecordParts | undefined {
  const view = viewOf(bytes);
  if (at + recordFixed_bytes > bytes.length) return undefined;
  const end = at + view.getUint32(at);
  const idEnd = at + 17 + (bytes[at + 16] ?? 0);
  const leafStart = idEnd + 2;
  const entryEnd = leafStart + 1 + (bytes[idEnd + 1] ?? 0);
  if (end > bytes.length || entryEnd > end || bytes[leafStart] !== 0) return undefined;
  const idStart = at + 17;
  const hasFrame = bytes[idEnd] === 1;
  const isErased = bytes[idEnd] === erasedFlag;
  if (isErased && !(isZero(bytes, idStart, idEnd) && isZero(bytes, entryEnd, end))) {
    return undefined;
  }
  if (!hasFrame && !isErased && (bytes[idEnd] !== 0 || entryEnd !== end)) return undefined;
  const accepted_ms = readU64(view, at + 8);
  return { accepted_ms, idStart, idEnd, hasFrame, isErased, leafStart, entryEnd, end };
}

/** In place of the byte that says whether a frame follows. */
const erasedFlag = 2;

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0);
}

/** Overwrites frame and vehicle id with zeros; the record keeps its length, its time and its entry. */
export function eraseRecord(bytes: Uint8Array, at: number, parts: RecordParts): void {
  bytes.fill(0, parts.idStart, parts.idEnd);
  bytes[parts.idEnd] = erasedFlag;
  bytes.fill(0, parts.entryEnd, parts.end);
  viewOf(bytes).setUint32(at + 4, crc32(bytes.subarray(at + 8, parts.end)));
}

/** Copies the record out, or undefined where its entry or its id does not decode. */
export function storedEntry(o: {
  bytes: Uint8Array;
  parts: RecordParts;
  index: number;
}): StoredEntry | undefined {
  const { bytes, parts, index } = o;
  const entryBytes = bytes.slice(parts.leafStart + 1, parts.entryEnd);
  const entry = decodeEntry(entryBytes);
  const vehicleId = readId(bytes.subarray(parts.idStart, parts.idEnd));
  if (!entry.ok || vehicleId === undefined) return undefined;
  return {
    index,
    entry: entry.value,
    entryBytes,
    accepted_ms: parts.accepted_ms,
    vehicleId: vehicleId === "" || parts.isErased ? undefined : vehicleId,
    frame: parts.hasFrame ? bytes.slice(parts.entryEnd, parts.end) : undefined,
  };
}

function readId(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
