import {
  accepted,
  type ByteReader,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  refused,
} from "@voltfog/runtime";

export type LogStream = "telemetry" | "urgent";

interface EntryBase {
  readonly stream: LogStream;
  /** True where the sequence does not continue the one before it in this log. */
  readonly unlinked: boolean;
  /** First 16 bytes of the SHA-256 of the device's public key. */
  readonly keyId: Uint8Array;
  /** From 1, per key and stream. */
  readonly sequence: number;
  /** SHA-256 of the whole frame. */
  readonly commitment: Uint8Array;
}

/** An accepted frame. */
export interface FrameEntry extends EntryBase {
  readonly kind: "frame";
  readonly sampleCount: number;
}

/** A well-signed frame that failed a later check. */
export interface RefusedEntry extends EntryBase {
  readonly kind: "refused";
  /** The refusal's number, 1 to 65,535. */
  readonly code: number;
  readonly sampleCount: number;
}

/** An accepted declaration that frames are missing. */
export interface GapEntry extends EntryBase {
  readonly kind: "gap";
  /** The cause's number, 0 to 65,535. */
  readonly cause: number;
  /** 0 and 0 where samples are missing but no sequence number is. */
  readonly firstMissing: number;
  readonly lastMissing: number;
  readonly samplesMissing: number;
  readonly knownSince_ms: number;
}

/** What a log holds for one frame, one refusal or one gap. */
export type DeviceEntry = FrameEntry | RefusedEntry | GapEntry;

/**
 * The first entry of a log that takes the place of another one, whose end was lost: names it by its
 * last final size. What that log holds beyond it, nobody vouches for any more.
 */
export interface OpeningEntry {
  readonly kind: "log-opened";
  readonly predecessor: LogEnd;
}

/** A log and its last final size; 0 with the empty tree's root where nothing of it became final. */
export interface LogEnd {
  readonly logId: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a log holds; its bytes are the tree's leaf. */
export type LogEntry = DeviceEntry | OpeningEntry;

export const entryLength_bytes = 64;
export const gapEntryLength_bytes = 92;
export const openingEntryLength_bytes = 80;

const formatVersion = 1;
/** The kind is the entry's second byte. */
export const entryKindNumber = { frame: 1, refused: 2, gap: 3, "log-opened": 4 } as const;

export function encodedLength_bytes(entry: LogEntry): number {
  if (entry.kind === "log-opened") return openingEntryLength_bytes;
  return entry.kind === "gap" ? gapEntryLength_bytes : entryLength_bytes;
}

/** 64 bytes, a gap 92, an opening 80 (docs/specs/log.md §1). */
export function encodeEntry(entry: LogEntry): Uint8Array {
  const bytes = new Uint8Array(encodedLength_bytes(entry));
  writeEntry({ entry, bytes, view: new DataView(bytes.buffer), at: 0 });
  return bytes;
}

/** Writes the entry into a larger buffer without making objects: the log's hot path. */
export function writeEntry(o: {
  entry: LogEntry;
  bytes: Uint8Array;
  view: DataView;
  at: number;
}): void {
  const { entry, bytes, view, at } = o;
  view.setUint8(at, formatVersion);
  view.setUint8(at + 1, entryKindNumber[entry.kind]);
  if (entry.kind === "log-opened") {
    writeOpening({ entry, bytes, view, at });
    return;
  }
  view.setUint8(at + 2, entry.stream === "urgent" ? 1 : 0);
  view.setUint8(at + 3, entry.unlinked ? 1 : 0);
  view.setUint16(at + 4, codeOf(entry));
  view.setUint16(at + 6, entry.kind === "gap" ? 0 : entry.sampleCount);
  bytes.set(entry.keyId, at + 8);
  writeU64(view, at + 24, entry.sequence);
  bytes.set(entry.commitment, at + 32);
  if (entry.kind !== "gap") return;
  writeU64(view, at + 64, entry.firstMissing);
  writeU64(view, at + 72, entry.lastMissing);
  view.setUint32(at + 80, entry.samplesMissing);
  writeU64(view, at + 84, entry.knownSince_ms);
}

function writeOpening(o: {
  entry: OpeningEntry;
  bytes: Uint8Array;
  view: DataView;
  at: number;
}): void {
  const { logId, size, root } = o.entry.predecessor;
  // The buffer may have been used before.
  o.bytes.fill(0, o.at + 2, o.at + 8);
  o.bytes.set(logId, o.at + 8);
  writeU64(o.view, o.at + 40, size);
  o.bytes.set(root, o.at + 48);
}

/** Why an entry cannot be written, or undefined where it can: every field is in its range. */
export function entryFault(entry: LogEntry): string | undefined {
  if (entry.kind === "log-opened") return openingFault(entry);
  if (entry.keyId.length !== 16) return "keyId is not 16 bytes";
  if (entry.commitment.length !== 32) return "commitment is not 32 bytes";
  if (!isWhole(entry.sequence, Number.MAX_SAFE_INTEGER)) return "sequence is not a whole number";
  if (entry.sequence < 1) return "sequence is below 1";
  if (!isWhole(codeOf(entry), 0xffff)) return "code is not a 16-bit number";
  if (entry.kind === "refused" && entry.code === 0) return "a refusal has no code";
  if (entry.kind !== "gap") {
    return isWhole(entry.sampleCount, 0xffff) ? undefined : "sampleCount is not a 16-bit number";
  }
  const good =
    isWhole(entry.firstMissing, Number.MAX_SAFE_INTEGER) &&
    isWhole(entry.lastMissing, Number.MAX_SAFE_INTEGER) &&
    isWhole(entry.samplesMissing, 0xffffffff) &&
    isWhole(entry.knownSince_ms, Number.MAX_SAFE_INTEGER);
  return good ? undefined : "a gap field is out of range";
}

function openingFault({ predecessor }: OpeningEntry): string | undefined {
  const { logId, size, root } = predecessor;
  if (logId.length !== 32 || root.length !== 32) return "logId and root are not 32 bytes each";
  return isWhole(size, Number.MAX_SAFE_INTEGER) ? undefined : "size is not a whole number";
}

/** The entry of its one canonical encoding. */
export function decodeEntry(bytes: Uint8Array): Outcome<LogEntry, MalformedProblem> {
  const read = decodeBytes(bytes, readEntry);
  if (!read.ok) return read;
  const fault = entryFault(read.value);
  return fault === undefined ? accepted(read.value) : refused({ code: "MALFORMED", detail: fault });
}

function readEntry(reader: ByteReader): LogEntry {
  if (reader.u8() !== formatVersion) reader.fail("entry version is unknown");
  const kind = reader.u8();
  const stream = reader.u8();
  const flags = reader.u8();
  if (kind < 1 || kind > 4) reader.fail("entry kind is unknown");
  if (stream > 1) reader.fail("stream is unknown");
  if (flags > 1) reader.fail("a flag is unknown");
  const code = reader.u16();
  const sampleCount = reader.u16();
  if (kind === entryKindNumber["log-opened"]) {
    if (stream + flags + code + sampleCount !== 0) reader.fail("an opening is of no stream");
    const predecessor = { logId: reader.raw(32), size: reader.u64(), root: reader.raw(32) };
    return { kind: "log-opened", predecessor };
  }
  const base = {
    stream: stream === 1 ? ("urgent" as const) : ("telemetry" as const),
    unlinked: flags === 1,
    keyId: reader.raw(16),
    sequence: reader.u64(),
    commitment: reader.raw(32),
  };
  if (kind === entryKindNumber.refused) return { kind: "refused", ...base, code, sampleCount };
  if (kind === entryKindNumber.frame) {
    if (code !== 0) reader.fail("an accepted frame has no code");
    return { kind: "frame", ...base, sampleCount };
  }
  if (sampleCount !== 0) reader.fail("a gap holds no samples");
  return {
    kind: "gap",
    ...base,
    cause: code,
    firstMissing: reader.u64(),
    lastMissing: reader.u64(),
    samplesMissing: reader.u32(),
    knownSince_ms: reader.u64(),
  };
}

function codeOf(entry: DeviceEntry): number {
  if (entry.kind === "refused") return entry.code;
  return entry.kind === "gap" ? entry.cause : 0;
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 4294967296));
  view.setUint32(at + 4, value >>> 0);
}
