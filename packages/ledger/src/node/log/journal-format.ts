import { crc32 } from "node:zlib";
import { concatBytes, utf8 } from "@voltfog/runtime";

/*
 * The journal: append-only segments of groups (docs/specs/log.md §4), numbers big-endian.
 *   segment  "VFLOGSEG" · u32 version 1 · u64 first index · raw32 digest and raw64 seal before ·
 *            u32 CRC-32 · groups
 *   group    head · records · table · note · raw32 digest · raw64 seal
 *   head     "VFGR" · u32 records bytes · u64 first index · u32 count · u32 note bytes · u32 CRC-32
 *   record   u32 length (whole record) · u32 CRC-32 of the rest · u64 accepted_ms · text vehicle id ·
 *            u8 1 when a frame follows · u8 entry bytes · u8 0 (RFC 6962 leaf prefix) · entry · frame
 *   table    for each record: u32 its start, counted from the first record
 */
export const segmentHeader_bytes = 120;
export const groupHead_bytes = 28;
export const recordFixed_bytes = 20;
export const seal_bytes = 96;
export const segmentMax_bytes: number = 64 * 1024 * 1024;

const formatVersion = 1;
const segmentMagic = utf8("VFLOGSEG");
const groupMagic = 0x56464752; // "VFGR"
const sealDomain = utf8("voltfog/journal/1\n");

/** What one group hands on to the next: the running digest of the journal, and the unit's signature on it. */
export interface JournalChain {
  readonly digest: Uint8Array;
  readonly seal: Uint8Array;
}

export interface SegmentHeader {
  readonly firstIndex: number;
  /** The chain where this segment starts; so it can be checked without the segments before it. */
  readonly before: JournalChain;
}

export interface GroupHead {
  readonly records_bytes: number;
  readonly firstIndex: number;
  readonly count: number;
  readonly note_bytes: number;
}

export function segmentName(firstIndex: number): string {
  return `${String(firstIndex).padStart(16, "0")}.seg`;
}

/** First index of a segment file, or undefined where the name is no segment's. */
export function parseSegmentName(name: string): number | undefined {
  const firstIndex = /^[0-9]{16}\.seg$/.test(name) ? Number(name.slice(0, 16)) : Number.NaN;
  return Number.isSafeInteger(firstIndex) ? firstIndex : undefined;
}

export function writeSegmentHeader(target: Uint8Array, header: SegmentHeader): void {
  const view = viewOf(target);
  target.set(segmentMagic);
  view.setUint32(8, formatVersion);
  writeU64(view, 12, header.firstIndex);
  target.set(header.before.digest, 20);
  target.set(header.before.seal, 52);
  view.setUint32(116, crc32(target.subarray(0, 116)));
}

/** The header, or undefined where any of its 120 bytes is wrong. */
export function readSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < segmentHeader_bytes) return undefined;
  const view = viewOf(bytes);
  const before = { digest: bytes.slice(20, 52), seal: bytes.slice(52, 116) };
  const header = { firstIndex: readU64(view, 12), before };
  const expected = new Uint8Array(segmentHeader_bytes);
  writeSegmentHeader(expected, header);
  return expected.every((byte, i) => byte === bytes[i]) ? header : undefined;
}

export function writeGroupHead(target: Uint8Array, head: GroupHead): void {
  const view = viewOf(target);
  view.setUint32(0, groupMagic);
  view.setUint32(4, head.records_bytes);
  writeU64(view, 8, head.firstIndex);
  view.setUint32(16, head.count);
  view.setUint32(20, head.note_bytes);
  view.setUint32(24, crc32(target.subarray(0, 24)));
}

/** The head, or undefined where any of its 28 bytes is wrong. */
export function readGroupHead(bytes: Uint8Array): GroupHead | undefined {
  if (bytes.length < groupHead_bytes) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0) !== groupMagic) return undefined;
  if (view.getUint32(24) !== crc32(bytes.subarray(0, 24))) return undefined;
  return {
    records_bytes: view.getUint32(4),
    firstIndex: readU64(view, 8),
    count: view.getUint32(16),
    note_bytes: view.getUint32(20),
  };
}

/** Bytes of the whole group, head to seal. */
export function groupLength_bytes(head: GroupHead): number {
  return groupHead_bytes + head.records_bytes + 4 * head.count + head.note_bytes + seal_bytes;
}

/** The chain before the first group: the log's id, and no seal. */
export function firstChain(logId: Uint8Array): JournalChain {
  return { digest: logId, seal: new Uint8Array(64) };
}

/** What the unit signs to vouch for every byte of its journal so far. */
export function sealMessage(digest: Uint8Array): Uint8Array {
  return concatBytes(sealDomain, digest);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 4294967296));
  view.setUint32(at + 4, value >>> 0);
}

export function readU64(view: DataView, at: number): number {
  return view.getUint32(at) * 4294967296 + view.getUint32(at + 4);
}
