import { assert, type Crypto, type Signer, utf8 } from "@voltfog/runtime";
import {
  groupHead_bytes,
  type JournalChain,
  seal_bytes,
  sealMessage,
  segmentHeader_bytes,
  viewOf,
  writeGroupHead,
  writeSegmentHeader,
} from "./journal-format.ts";
import { type JournalItem, recordLength_bytes, writeRecord } from "./journal-record.ts";
import type { LogState } from "./log-state.ts";
import type { TreeHashing } from "./tree-hasher.ts";

const front_bytes = segmentHeader_bytes + groupHead_bytes;
/** A buffer that once grew beyond this is not kept for the next group. */
const kept_bytes = 4 * 1024 * 1024;

export interface SealedGroup {
  /** What is written: the segment's header where it is new, then the group. */
  readonly bytes: Uint8Array;
  /** Where the group starts in `bytes`. */
  readonly groupStart: number;
  readonly chain: JournalChain;
}

/** Records of the next group, encoded and leaf-hashed as they arrive, so that little is left to do when the disk is free. */
export class GroupBuffer {
  #bytes: Uint8Array = new Uint8Array(64 * 1024);
  #view: DataView = viewOf(this.#bytes);
  #length = front_bytes;
  #count = 0;
  #starts = new Uint32Array(1024);
  #leafStarts = new Uint32Array(1024);
  #leaves = new Uint8Array(1024 * 32);
  readonly #tree: Pick<TreeHashing, "leafInto">;

  constructor(tree: Pick<TreeHashing, "leafInto">) {
    this.#tree = tree;
  }

  get count(): number {
    return this.#count;
  }

  get records_bytes(): number {
    return this.#length - front_bytes;
  }

  /** Leaf hashes, 32 bytes each; valid until the next add. */
  get leaves(): Uint8Array {
    return this.#leaves.subarray(0, this.#count * 32);
  }

  add(item: JournalItem): void {
    const length = recordLength_bytes(item);
    const at = this.#length;
    this.#reserve(length);
    const leafStart = writeRecord({ item, bytes: this.#bytes, view: this.#view, at, length });
    this.#starts[this.#count] = at - front_bytes;
    this.#leafStarts[this.#count] = leafStart;
    const entry_bytes = this.#bytes[leafStart - 1] as number;
    this.#tree.leafInto({
      data: this.#bytes.subarray(leafStart, leafStart + 1 + entry_bytes),
      target: this.#leaves,
      at: this.#count * 32,
    });
    this.#length = at + length;
    this.#count++;
  }

  /** Hands each entry on from where it lies in the buffer. */
  addTo(state: LogState, firstIndex: number): void {
    const [bytes, view] = [this.#bytes, this.#view];
    for (let i = 0; i < this.#count; i++) {
      const leafStart = this.#leafStarts[i] as number;
      const length = bytes[leafStart - 1] as number;
      state.addEntry({ bytes, view, at: leafStart + 1, length, index: firstIndex + i });
    }
  }

  /** Puts head, table, note, digest and seal around the records. May be called again after a failed write. */
  seal(o: {
    firstIndex: number;
    note: string;
    before: JournalChain;
    newSegment: boolean;
    signer: Signer;
    crypto: Crypto;
  }): SealedGroup {
    assert(this.#count > 0, "a group is not empty");
    const note = utf8(o.note);
    const records_bytes = this.records_bytes;
    const tail_bytes = 4 * this.#count + note.length + seal_bytes;
    this.#grow(this.#length + tail_bytes);
    const head = {
      records_bytes,
      firstIndex: o.firstIndex,
      count: this.#count,
      note_bytes: note.length,
    };
    writeGroupHead(this.#bytes.subarray(segmentHeader_bytes), head);
    let at = this.#length;
    for (let i = 0; i < this.#count; i++, at += 4) {
      this.#view.setUint32(at, this.#starts[i] as number);
    }
    this.#bytes.set(note, at);
    at += note.length;
    const covered = this.#bytes.subarray(segmentHeader_bytes, at);
    const digest = o.crypto.sha256(o.before.digest, o.before.seal, covered);
    const seal = o.signer.sign(sealMessage(digest));
    this.#bytes.set(digest, at);
    this.#bytes.set(seal, at + 32);
    const start = o.newSegment ? 0 : segmentHeader_bytes;
    if (o.newSegment) {
      writeSegmentHeader(this.#bytes, { firstIndex: o.firstIndex, before: o.before });
    }
    const bytes = this.#bytes.subarray(start, at + seal_bytes);
    return { bytes, groupStart: segmentHeader_bytes - start, chain: { digest, seal } };
  }

  clear(): void {
    this.#length = front_bytes;
    this.#count = 0;
    if (this.#bytes.length <= kept_bytes) return;
    this.#bytes = new Uint8Array(64 * 1024);
    this.#view = viewOf(this.#bytes);
  }

  #reserve(length: number): void {
    this.#grow(this.#length + length);
    if (this.#count < this.#starts.length) return;
    this.#starts = doubled(this.#starts, Uint32Array);
    this.#leafStarts = doubled(this.#leafStarts, Uint32Array);
    this.#leaves = doubled(this.#leaves, Uint8Array);
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function doubled<T extends Uint8Array | Uint32Array>(array: T, make: new (length: number) => T): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}
