import { assert, type Crypto, concatBytes, type Logger } from "@voltfog/runtime";
import { AppendFile } from "@voltfog/runtime/node";
import { BlockReader, type BlockSource } from "./block-reader.ts";
import type { Segment } from "./segment.ts";
import { SegmentFiles, storeDamaged } from "./segment-files.ts";
import { encodeRecord, type StoredBlock } from "./stored-block.ts";

/** A segment is closed once it is this long. */
const segmentMax_bytes = 16_777_216;
/** What one write takes together, unless a single record is longer: bounds what a crash can tear. */
const groupMax_bytes = 1_048_576;

interface Waiting {
  readonly height: number;
  readonly record: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

interface BlockStoreOptions {
  readonly folder: string;
  readonly crypto: Crypto;
  readonly logger: Logger;
  /** Where a segment ends, for tests that need several of them. */
  readonly segmentMax_bytes?: number;
}

/**
 * Final blocks in append-only segment files; one writer. What append resolved for survives kill -9
 * and power loss; appends that wait at the same time share one fdatasync.
 */
export class BlockStore implements BlockSource {
  readonly #files: SegmentFiles;
  readonly #reader: BlockReader;
  readonly #crypto: Crypto;
  readonly #segmentMax_bytes: number;
  readonly #waiting: Waiting[] = [];
  #file: AppendFile | undefined;
  #height: number;
  #nextHeight: number;
  #flushing: Promise<void> | undefined;

  private constructor(options: {
    files: SegmentFiles;
    reader: BlockReader;
    crypto: Crypto;
    file: AppendFile | undefined;
    height: number;
    segmentMax_bytes?: number;
  }) {
    this.#segmentMax_bytes = options.segmentMax_bytes ?? segmentMax_bytes;
    this.#files = options.files;
    this.#reader = options.reader;
    this.#crypto = options.crypto;
    this.#file = options.file;
    this.#height = options.height;
    this.#nextHeight = options.height + 1;
  }

  /**
   * Opens for writing and cuts off what a crash left half written, never more than one write.
   * STORE_DAMAGED where more than that is unreadable.
   */
  static async open(options: BlockStoreOptions): Promise<BlockStore> {
    const files = new SegmentFiles(options);
    const last = (await files.list()).at(-1);
    let file: AppendFile | undefined;
    if (last !== undefined) {
      const segment = await files.load(last);
      file = await AppendFile.open(files.path(last));
      await cutTail({ file, segment, logger: options.logger }).catch(async (thrown) => {
        await file?.close();
        throw thrown;
      });
    }
    const reader = new BlockReader(files);
    const height = await reader.refresh();
    return new BlockStore({ ...options, files, reader, file, height });
  }

  get first(): number {
    return this.#reader.first;
  }

  /** Last durable height. */
  get height(): number {
    return this.#height;
  }

  async read(height: number): Promise<StoredBlock | undefined> {
    if (height > this.#reader.height && height <= this.#height) await this.#reader.refresh();
    return this.#reader.read(height);
  }

  /** Resolves when the block is durable. Heights come in order, without gaps. */
  append(stored: StoredBlock): Promise<void> {
    assert(stored.height === this.#nextHeight, `block ${this.#nextHeight} is the next to store`);
    this.#nextHeight++;
    const record = encodeRecord(stored, this.#crypto);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ height: stored.height, record, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Removes the files whose blocks are all below a height; gives how many files went. */
  async pruneBelow(height: number): Promise<number> {
    const removed = await this.#files.removeBelow(height);
    await this.#reader.refresh();
    return removed;
  }

  /** Forgets every block and goes on after a height that a snapshot has made this store's beginning. */
  async restartAfter(height: number): Promise<void> {
    await this.#flushing;
    await this.#file?.close();
    this.#file = undefined;
    await this.#files.removeAllBut(height + 1);
    this.#file = await AppendFile.open(this.#files.path(height + 1));
    this.#height = await this.#reader.refresh();
    this.#nextHeight = this.#height + 1;
  }

  /** Waits for pending appends, then closes the file. */
  async close(): Promise<void> {
    await this.#flushing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    // A turn later, so that appends of the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#write(group);
        for (const { resolve } of group) resolve();
      } catch (thrown) {
        // What waits behind a failed write would leave a gap.
        const lost = [...group, ...this.#waiting.splice(0)];
        this.#nextHeight = this.#height + 1;
        for (const { reject } of lost) reject(thrown);
      }
    }
    this.#flushing = undefined;
  }

  #takeGroup(): Waiting[] {
    let size_bytes = 0;
    let count = 0;
    for (const { record } of this.#waiting) {
      if (count > 0 && size_bytes + record.length > groupMax_bytes) break;
      size_bytes += record.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    const last = group.at(-1);
    assert(first !== undefined && last !== undefined, "a group is not empty");
    if (this.#file === undefined || this.#file.size_bytes >= this.#segmentMax_bytes) {
      const full = this.#file;
      this.#file = undefined;
      await full?.close();
      this.#file = await AppendFile.open(this.#files.path(first.height));
    }
    await this.#file.append(concatBytes(...group.map(({ record }) => record)));
    this.#height = last.height;
  }
}

async function cutTail(options: {
  file: AppendFile;
  segment: Segment;
  logger: Logger;
}): Promise<void> {
  const { file, segment, logger } = options;
  if (segment.tail_bytes === 0) return;
  if (segment.tail_bytes > Math.max(groupMax_bytes, segment.tornRecord_bytes)) {
    throw storeDamaged(`${file.path} is damaged at byte ${segment.end}`);
  }
  logger.warn("block store tail cut", {
    file: file.path,
    at_bytes: segment.end,
    cut_bytes: segment.tail_bytes,
  });
  await file.truncate(segment.end);
}
