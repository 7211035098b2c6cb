import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { ByteWriter } from "@voltfog/runtime";

const cursor_bytes = 12;

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
  const body = new ByteWriter().u64(sequence).finish();
  return new ByteWriter().raw(body).u32(crc32(body)).finish();
}

function readCursor(file: number): number | undefined {
  const bytes = new Uint8Array(cursor_bytes);
  if (readSync(file, bytes, 0, cursor_bytes, 0) !== cursor_bytes) return undefined;
  const view = new DataView(bytes.buffer);
  const sequence = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  return crc32(bytes.subarray(0, 8)) === view.getUint32(8) ? sequence : undefined;
}
