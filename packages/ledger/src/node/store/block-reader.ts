import type { Crypto } from "@voltfog/runtime";
import { decodeBlock } from "../../chain/block.ts";
import { decodeResult, type Result } from "../../chain/result.ts";
import type { FileExtent } from "../log/log-snapshot.ts";
import { SegmentFiles, storeDamaged } from "./segment-files.ts";
import type { StoredBlock } from "./stored-block.ts";

/** What a reader and the writer of a block folder both answer. */
export interface BlockSource {
  /** Lowest height that is held; `height` + 1 where none is. Below it blocks were pruned or never fetched. */
  readonly first: number;
  /** Last stored height; 0 where there is none. */
  readonly height: number;
  /** undefined above `height`, below `first`, and at 0, whose block follows from the genesis file. */
  read(height: number): Promise<StoredBlock | undefined>;
}

/** Reads a block folder without locks, live or stopped. */
export class BlockReader implements BlockSource {
  readonly #files: SegmentFiles;
  #height = 0;

  constructor(files: SegmentFiles) {
    this.#files = files;
  }

  get first(): number {
    return this.#files.first ?? this.#height + 1;
  }

  get height(): number {
    return this.#height;
  }

  /** Takes in what was appended since, and what was removed. */
  async refresh(): Promise<number> {
    const last = (await this.#files.list()).at(-1);
    if (last !== undefined) this.#height = (await this.#files.load(last)).lastHeight;
    return this.#height;
  }

  /** What to copy so that the copy holds the blocks up to `height`, beside a live writer too. */
  async extent(): Promise<readonly FileExtent[]> {
    await this.refresh();
    return this.#files.extent();
  }

  async read(height: number): Promise<StoredBlock | undefined> {
    if (height < this.first || height > this.#height) return undefined;
    try {
      return (await this.#files.holding(height))?.read(height);
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
      // Pruned by the writer since the files were listed.
      await this.#files.list();
      return undefined;
    }
  }
}

/** A folder that is missing or empty has height 0. */
export async function openBlockReader(options: {
  folder: string;
  crypto: Crypto;
}): Promise<BlockReader> {
  const reader = new BlockReader(new SegmentFiles(options));
  await reader.refresh();
  return reader;
}

/**
 * A result by its index in the log of results, however old: a binary search over the headers'
 * result sizes. undefined where it is not there yet, or its block is not held any more.
 */
export async function storedResultAt(
  source: BlockSource,
  index: number,
): Promise<Result | undefined> {
  let low = source.first;
  let high = source.height;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const found = await resultsOf(source, middle);
    const place = index - found.first;
    if (place < 0) high = middle - 1;
    else if (place >= found.results.length) low = middle + 1;
    else return resultOf(found.results[place], middle);
  }
  return undefined;
}

async function resultsOf(
  source: BlockSource,
  height: number,
): Promise<{ first: number; results: readonly Uint8Array[] }> {
  const stored = await source.read(height);
  const block = stored && decodeBlock(stored.block);
  if (stored === undefined || !block?.ok) throw storeDamaged(`block ${height} cannot be read`);
  const { results } = stored;
  return { first: block.value.header.resultsSize - results.length, results };
}

function resultOf(bytes: Uint8Array | undefined, height: number): Result {
  const decoded = bytes && decodeResult(bytes);
  if (!decoded?.ok) throw storeDamaged(`a result of block ${height} cannot be read`);
  return decoded.value;
}
