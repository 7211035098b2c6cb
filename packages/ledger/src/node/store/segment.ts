import { type Crypto, concatBytes } from "@voltfog/runtime";
import {
  decodeRecordBody,
  recordAt,
  recordFrame_bytes,
  recordMax_bytes,
  type StoredBlock,
} from "./stored-block.ts";

/** Segments are named after the first height in them. */
export function segmentName(firstHeight: number): string {
  return `blocks-${String(firstHeight).padStart(16, "0")}.seg`;
}

/** First height of a segment's file name; undefined for a file that is none. */
export function segmentHeight(name: string): number | undefined {
  const digits = /^blocks-([0-9]{16})\.seg$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The records of one segment file as far as they were read, in order from its first height. */
export class Segment {
  readonly firstHeight: number;
  readonly #crypto: Crypto;
  readonly #bodies: Uint8Array[] = [];
  #tail: Uint8Array = new Uint8Array();
  #end = 0;

  constructor(options: { firstHeight: number; crypto: Crypto }) {
    this.firstHeight = options.firstHeight;
    this.#crypto = options.crypto;
  }

  /** Takes the file's bytes from `end` on; stops at the first record that is torn, damaged or out of order. */
  grow(bytes: Uint8Array): void {
    let offset = 0;
    for (;;) {
      const record = recordAt({ bytes, offset, crypto: this.#crypto });
      if (record === undefined || heightOf(record.body) !== this.lastHeight + 1) break;
      this.#bodies.push(record.body);
      offset = record.end;
    }
    this.#end += offset;
    this.#tail = bytes.slice(offset);
  }

  /** Where the last whole record ends in the file. */
  get end(): number {
    return this.#end;
  }

  get lastHeight(): number {
    return this.firstHeight + this.#bodies.length - 1;
  }

  /** Bytes after the last whole record, when the file was last read. */
  get tail_bytes(): number {
    return this.#tail.length;
  }

  /** How long the first unreadable record says that it is; 0 where it says nothing possible. */
  get tornRecord_bytes(): number {
    const head = concatBytes(this.#tail.subarray(0, 4), new Uint8Array(4));
    const length = new DataView(head.buffer).getUint32(0);
    return length <= recordMax_bytes ? length + recordFrame_bytes : 0;
  }

  read(height: number): StoredBlock | undefined {
    const body = this.#bodies[height - this.firstHeight];
    const decoded = body && decodeRecordBody(body);
    return decoded?.ok ? decoded.value : undefined;
  }
}

function heightOf(body: Uint8Array): number | undefined {
  const decoded = decodeRecordBody(body);
  return decoded.ok ? decoded.value.height : undefined;
}
