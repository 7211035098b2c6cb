import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { ByteWriter } from "@voltfog/runtime";

/* u8 version 1 · u64 sequence · u32 CRC-32 of what is before. Before version 1 the version byte was missing. */
const cursorVersion = 1;
const cursor_bytes = 13;
const unversioned_bytes = 12;

/**
 * Up to which sequence number a stream's frames are acknowledged. Written over in place and not synced:
 * it survives kill -9; a power cut may take it back, and then frames are sent again, which units
 * acknowledge a second time without a second entry.
 */
export class AckCursor {
  readonly #file: number;
  #sequence: number | undefined;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    this.#sequence = readCursor(this.#file);
  }

  /** Undefined when nothing was ever acknowledged or the file cannot be read. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  advance(sequence: number): void {
    this.#sequence = sequence;
    try {
      writeSync(this.#file, encodeCursor(sequence), 0, cursor_bytes, 0);
    } catch {
      // Only a hint for the next start: losing it costs frames sent twice.
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The cursor in a file of another process's, or undefined. */
export function readAckCursor(path: string): number | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    return readCursor(file);
  } finally {
    closeSync(file);
  }
}

function encodeCursor(sequence: number): Uint8Array {
  const body = new ByteWriter().u8(cursorVersion).u64(sequence).finish();
  return new ByteWriter().raw(body).u32(crc32(body)).finish();
}

function readCursor(file: number): number | undefined {
  const bytes = new Uint8Array(cursor_bytes);
  const length = readSync(file, bytes, 0, cursor_bytes, 0);
  if (bytes[0] === cursorVersion) return length === cursor_bytes ? sequenceIn(bytes, 1) : undefined;
  // A number below 2^53 starts with a zero byte, so the two forms are told apart.
  return length === unversioned_bytes ? sequenceIn(bytes.subarray(0, length), 0) : undefined;
}

function sequenceIn(bytes: Uint8Array, at: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sequence = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  const body = bytes.subarray(0, at + 8);
  return crc32(body) === view.getUint32(at + 8) ? sequence : undefined;
}
