import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Crypto } from "@voltfog/runtime";
import type { FileExtent } from "../log/log-snapshot.ts";
import { Segment, segmentHeight, segmentName } from "./segment.ts";

/** Parsed segments are kept in memory up to this many, 16 MiB each. */
const segmentsKept = 3;

/** The segment files of one folder. Reads them, and removes whole ones. */
export class SegmentFiles {
  readonly #folder: string;
  readonly #crypto: Crypto;
  readonly #parsed = new Map<number, Segment>();
  #firstHeights: readonly number[] = [];
  #loading: Promise<unknown> = Promise.resolve();

  constructor(options: { folder: string; crypto: Crypto }) {
    this.#folder = options.folder;
    this.#crypto = options.crypto;
  }

  /** Looks again which segments there are. */
  async list(): Promise<readonly number[]> {
    const names = await readdir(this.#folder).catch((thrown: { code?: unknown }) => {
      if (thrown.code === "ENOENT") return [];
      throw thrown;
    });
    this.#firstHeights = names
      .map(segmentHeight)
      .filter((height) => height !== undefined)
      .sort((a, b) => a - b);
    return this.#firstHeights;
  }

  /** First height of the oldest file as last listed; undefined where there is none. */
  get first(): number | undefined {
    return this.#firstHeights[0];
  }

  /**
   * Removes the files whose blocks are all below a height, the oldest first, so that what is left is
   * without a gap whenever this is cut short; the file that is written to stays. Gives how many went.
   */
  async removeBelow(height: number): Promise<number> {
    const [...firsts] = await this.list();
    const going = firsts.filter(
      (_, place) => (firsts[place + 1] ?? Number.POSITIVE_INFINITY) <= height,
    );
    for (const first of going) await this.#remove(first);
    return going.length;
  }

  /** Removes every file but the one that begins at a height. */
  async removeAllBut(firstHeight: number): Promise<void> {
    for (const first of await this.list()) if (first !== firstHeight) await this.#remove(first);
  }

  async #remove(firstHeight: number): Promise<void> {
    await rm(this.path(firstHeight), { force: true });
    this.#parsed.delete(firstHeight);
  }

  path(firstHeight: number): string {
    return join(this.#folder, segmentName(firstHeight));
  }

  /** The files as last listed, each up to the end of its last whole record. */
  async extent(): Promise<readonly FileExtent[]> {
    const extents: { path: string; length_bytes: number }[] = [];
    for (const firstHeight of this.#firstHeights) {
      const isLast = firstHeight === this.#firstHeights.at(-1);
      const length_bytes = isLast
        ? (await this.load(firstHeight)).end
        : (await stat(this.path(firstHeight))).size;
      if (length_bytes > 0) extents.push({ path: segmentName(firstHeight), length_bytes });
    }
    return extents;
  }

  /** A segment with everything that its file holds now; reads only what is new. */
  load(firstHeight: number): Promise<Segment> {
    // One after the other: two that grew one segment at once would each take the same bytes.
    const loaded = this.#loading.then(() => this.#load(firstHeight));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(firstHeight: number): Promise<Segment> {
    const known = this.#parsed.get(firstHeight);
    const segment = known ?? new Segment({ firstHeight, crypto: this.#crypto });
    segment.grow(await readFrom(this.path(firstHeight), segment.end));
    this.#parsed.delete(firstHeight);
    this.#parsed.set(firstHeight, segment);
    for (const oldest of this.#parsed.keys()) {
      if (this.#parsed.size <= segmentsKept) break;
      this.#parsed.delete(oldest);
    }
    return segment;
  }

  /** The segment whose range holds this height. STORE_DAMAGED where a closed segment is not whole. */
  async holding(height: number): Promise<Segment | undefined> {
    const place = this.#firstHeights.findLastIndex((first) => first <= height);
    const firstHeight = this.#firstHeights[place];
    if (firstHeight === undefined) return undefined;
    const known = this.#parsed.get(firstHeight);
    if (known !== undefined && known.lastHeight >= height) return known;
    const segment = await this.load(firstHeight);
    const next = this.#firstHeights[place + 1];
    if (next !== undefined && (segment.lastHeight + 1 !== next || segment.tail_bytes > 0)) {
      throw storeDamaged(`${this.path(firstHeight)} is damaged at byte ${segment.end}`);
    }
    return segment;
  }
}

export function storeDamaged(message: string): CodedError {
  return new CodedError({
    code: "STORE_DAMAGED",
    message,
    remedy: "move the folder away; the blocks come back from the other validators",
  });
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, size - offset));
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, offset + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}
