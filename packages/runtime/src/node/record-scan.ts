import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { ByteWriter, equalBytes, utf8 } from "../bytes.ts";
import { assert, CodedError } from "../coded-error.ts";
import type { Problem } from "../outcome.ts";

/*
 * A record file is a header and then records, all numbers big-endian:
 *   header  "VFRECS" · u8 version 1 · u8 length · kind (UTF-8) · u32 CRC-32 of all before
 *   record  u32 length · u32 check · payload · u32 check
 * Each check is the CRC-32 (IEEE 802.3) of the bytes since the check before it, started from that
 * check's value. So the checks form a chain through the file: a record that is changed, moved, left
 * out or put in breaks it there. The length has a check of its own, so that a changed length is
 * never taken for a record that was not finished.
 */
const magic = utf8("VFRECS");
const formatVersion = 1;
const headBytes = 8;
const checkBytes = 4;
const sectorBytes = 512;
const windowBytes = 1 << 20;

/** The longest payload of one record. */
export const recordMax_bytes: number = 64 * 1024 * 1024;

export interface StoredRecord {
  readonly payload: Uint8Array;
  /** Where the record starts. */
  readonly at_bytes: number;
  /** Where the next one starts, also a good place to go on reading later. */
  readonly next_bytes: number;
}

export interface RecordFileProblem extends Problem {
  readonly code: "UNFINISHED_TAIL" | "RECORD_CORRUPT" | "HEADER_CORRUPT" | "KIND_MISMATCH";
  readonly detail: string;
  readonly at_bytes: number;
}

export interface RecordScan {
  readonly records: number;
  /** End of the last good record. */
  readonly end_bytes: number;
  readonly size_bytes: number;
  readonly problem?: RecordFileProblem;
}

export interface RecordScanOptions {
  readonly path: string;
  /** What the file must be; left out, any kind is taken. */
  readonly kind?: string;
  /** Start of a record, from an earlier `next_bytes`; left out, the first record. */
  readonly from_bytes?: number;
  /** Stops after the record that reaches this many bytes. */
  readonly limit_bytes?: number;
  readonly onRecord?: (record: StoredRecord) => void;
}

export function encodeHeader(kind: string): Uint8Array {
  const body = new ByteWriter().raw(magic).u8(formatVersion).text(kind).finish();
  return new ByteWriter().raw(body).u32(crc32(body)).finish();
}

export function recordLength_bytes(payload: Uint8Array): number {
  return headBytes + payload.length + checkBytes;
}

/** Writes one record at `at` and gives its last check, the start value of the next record. */
export function writeRecord(o: {
  target: Uint8Array;
  at: number;
  payload: Uint8Array;
  chain: number;
}): number {
  assert(o.payload.length <= recordMax_bytes, "a record fits the limit");
  const view = new DataView(o.target.buffer, o.target.byteOffset, o.target.byteLength);
  view.setUint32(o.at, o.payload.length);
  const lengthCheck = crc32(o.target.subarray(o.at, o.at + 4), o.chain);
  view.setUint32(o.at + 4, lengthCheck);
  o.target.set(o.payload, o.at + headBytes);
  const check = crc32(o.payload, lengthCheck);
  view.setUint32(o.at + headBytes + o.payload.length, check);
  return check;
}

/**
 * Reads and checks records in order without a lock, also while a writer appends. A tail that a crash
 * or a writer at work left unfinished is UNFINISHED_TAIL; every other fault is corruption. Throws
 * only what the file system throws.
 */
export async function scanRecordFile(options: RecordScanOptions): Promise<RecordScan> {
  const handle = await open(options.path, "r");
  try {
    const size_bytes = (await handle.stat()).size;
    return await new Scanner({ handle, size_bytes }).run(options);
  } finally {
    await handle.close();
  }
}

/** The check value that stands before `at_bytes`, which a record there is chained to. */
export async function chainBefore(handle: FileHandle, at_bytes: number): Promise<number> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, at_bytes - 4);
  if (bytesRead !== 4) {
    throw new CodedError({ code: "RECORD_CORRUPT", message: `no record at byte ${at_bytes}` });
  }
  return buffer.readUInt32BE(0);
}

class Scanner {
  readonly #handle: FileHandle;
  readonly #size: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;

  constructor(options: { handle: FileHandle; size_bytes: number }) {
    this.#handle = options.handle;
    this.#size = options.size_bytes;
  }

  async run(options: RecordScanOptions): Promise<RecordScan> {
    const header = await this.#header(options.kind);
    if (typeof header !== "number") return this.#result({ records: 0, at: 0, problem: header });
    let at = options.from_bytes ?? header;
    let chain = await chainBefore(this.#handle, at);
    let left_bytes = options.limit_bytes ?? Number.POSITIVE_INFINITY;
    let records = 0;
    while (at < this.#size && left_bytes > 0) {
      const record = await this.#record(at, chain);
      if ("code" in record) return this.#result({ records, at, problem: record });
      options.onRecord?.({ payload: record.payload, at_bytes: at, next_bytes: record.next });
      records++;
      left_bytes -= record.next - at;
      at = record.next;
      chain = record.chain;
    }
    return this.#result({ records, at });
  }

  #result(o: { records: number; at: number; problem?: RecordFileProblem }): RecordScan {
    return {
      records: o.records,
      end_bytes: o.at,
      size_bytes: this.#size,
      ...(o.problem === undefined ? {} : { problem: o.problem }),
    };
  }

  async #header(kind: string | undefined): Promise<number | RecordFileProblem> {
    const known = kind === undefined ? undefined : encodeHeader(kind);
    const start = await this.#bytes(0, Math.min(this.#size, 8 + 255 + checkBytes));
    const kindLength = start[7] ?? 0;
    const length = 8 + kindLength + checkBytes;
    if (start.length < length) return this.#shortHeader(start, known);
    const header = start.subarray(0, length);
    const check = new DataView(header.buffer, header.byteOffset + length - checkBytes).getUint32(0);
    const good =
      equalBytes(header.subarray(0, 6), magic) &&
      header[6] === formatVersion &&
      crc32(header.subarray(0, length - checkBytes)) === check;
    if (!good && (await this.#zeroTail({ from: 0, before: 0 }))) {
      return { code: "UNFINISHED_TAIL", detail: "the header was not written", at_bytes: 0 };
    }
    if (!good) {
      return { code: "HEADER_CORRUPT", detail: "the file header is not intact", at_bytes: 0 };
    }
    if (known !== undefined && !equalBytes(known, header)) {
      return { code: "KIND_MISMATCH", detail: `the file is not of kind ${kind}`, at_bytes: 0 };
    }
    return length;
  }

  #shortHeader(start: Uint8Array, known: Uint8Array | undefined): RecordFileProblem {
    const expected = known ?? concatMagic();
    const shared = Math.min(start.length, expected.length);
    if (equalBytes(start.subarray(0, shared), expected.subarray(0, shared))) {
      return { code: "UNFINISHED_TAIL", detail: "the header is not complete", at_bytes: 0 };
    }
    return { code: "HEADER_CORRUPT", detail: "the file header is not intact", at_bytes: 0 };
  }

  async #record(
    at: number,
    chain: number,
  ): Promise<{ payload: Uint8Array; next: number; chain: number } | RecordFileProblem> {
    const head = await this.#bytes(at, headBytes);
    if (head.length < headBytes) return this.#damage(at, true);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = view.getUint32(0);
    const lengthCheck = view.getUint32(4);
    if (crc32(head.subarray(0, 4), chain) !== lengthCheck || length > recordMax_bytes) {
      return this.#damage(at, await this.#zeroTail({ from: at, before: at + headBytes }));
    }
    const end = at + headBytes + length + checkBytes;
    const rest = await this.#bytes(at + headBytes, length + checkBytes);
    if (rest.length < length + checkBytes) return this.#damage(at, true);
    const payload = rest.slice(0, length);
    const check = new DataView(rest.buffer, rest.byteOffset + length, checkBytes).getUint32(0);
    if (crc32(payload, lengthCheck) !== check) {
      return this.#damage(at, await this.#zeroTail({ from: at, before: end - checkBytes }));
    }
    return { payload, next: end, chain: check };
  }

  /**
   * A crash leaves a record that ends early, or (after a power cut) sectors that were never written
   * and read as zeros up to the end of the file. Anything else was changed.
   */
  #damage(at: number, isUnfinished: boolean): RecordFileProblem {
    if (isUnfinished) {
      return { code: "UNFINISHED_TAIL", detail: "the last record is not complete", at_bytes: at };
    }
    return { code: "RECORD_CORRUPT", detail: "a check does not match", at_bytes: at };
  }

  /**
   * Whether the file is zeros from `from`, or from a sector after it but not after `before`, to its
   * end. A record that was written whole and then changed does not look so: its check is no zero.
   */
  async #zeroTail(o: { from: number; before: number }): Promise<boolean> {
    let zerosFrom = this.#size;
    while (zerosFrom > o.from) {
      const start = Math.max(o.from, zerosFrom - windowBytes);
      const bytes = await this.#bytes(start, zerosFrom - start);
      const last = bytes.findLastIndex((byte) => byte !== 0);
      zerosFrom = start + last + 1;
      if (last >= 0) break;
    }
    if (zerosFrom === o.from) return true;
    const sector = Math.ceil(zerosFrom / sectorBytes) * sectorBytes;
    return sector <= o.before && sector < this.#size;
  }

  async #bytes(at: number, length: number): Promise<Uint8Array> {
    const inside = at - this.#windowStart;
    if (inside >= 0 && inside + length <= this.#window.length) {
      return this.#window.subarray(inside, inside + length);
    }
    const wanted = Math.min(this.#size - at, Math.max(length, windowBytes));
    const fresh = new Uint8Array(Math.max(0, wanted));
    let got = 0;
    while (got < fresh.length) {
      const { bytesRead } = await this.#handle.read(fresh, got, fresh.length - got, at + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    this.#window = fresh.subarray(0, got);
    this.#windowStart = at;
    return this.#window.subarray(0, Math.min(length, got));
  }
}

function concatMagic(): Uint8Array {
  return new ByteWriter().raw(magic).u8(formatVersion).finish();
}
