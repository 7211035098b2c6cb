import { assert } from "@voltfog/runtime";
import { hashesAt, type TileName, tileLevels, tileWidth } from "../../log/tiles.ts";

export interface TileContent {
  readonly name: TileName;
  readonly bytes: Uint8Array;
}

/** What of one tile level is not yet in full tiles on disk. */
interface EdgeLevel {
  /** Number of the first hash kept, a multiple of 256. */
  base: number;
  bytes: Uint8Array;
  length: number;
}

/** Hashes and entries of the tree's right edge, from the last full tile on disk up to the last durable entry. */
export class TileEdge {
  readonly #levels: EdgeLevel[] = [];
  /** Entries with their 16-bit lengths, and where each 256th of them starts. */
  readonly #entries: EdgeLevel = emptyLevel(0);
  #bundleStarts: number[] = [];
  #entryCount = 0;

  /** Goes on from the partial tiles that a tree of this size was published with. */
  restore(size: number, partials: readonly TileContent[]): void {
    for (const level of tileLevels(size)) {
      const hashes = hashesAt({ level, size });
      const base = hashes - (hashes % tileWidth);
      const bytes = partials.find((tile) => tile.name.level === level)?.bytes ?? new Uint8Array(0);
      const edge = level === "entries" ? this.#entries : this.#level(level);
      edge.base = base;
      edge.length = 0;
      append(edge, bytes);
    }
    this.#entryCount = size;
    this.#bundleStarts = size % tileWidth === 0 ? [] : [0];
  }

  /** Takes in new hashes of a tile level; `first` must follow the last one. */
  addHashes(o: { level: number; first: number; hashes: Uint8Array }): void {
    const edge = this.#level(o.level);
    assert(edge.base + edge.length / 32 === o.first, "hashes of a level come in order");
    append(edge, o.hashes);
  }

  addEntry(bytes: Uint8Array, at: number, length: number): void {
    const edge = this.#entries;
    if (this.#entryCount % tileWidth === 0) this.#bundleStarts.push(edge.length);
    this.#entryCount++;
    reserve(edge, length + 2);
    edge.bytes[edge.length] = length >> 8;
    edge.bytes[edge.length + 1] = length & 255;
    edge.bytes.set(bytes.subarray(at, at + length), edge.length + 2);
    edge.length += length + 2;
  }

  /** Entries not yet in full tiles on disk. */
  get pendingEntries(): number {
    return this.#entryCount - this.#entries.base;
  }

  /** Hashes of a tile level, or undefined where they are in full tiles on disk. */
  hashes(o: { level: number; from: number; count: number }): Uint8Array | undefined {
    const edge = this.#levels[o.level];
    if (edge === undefined || o.from < edge.base) return undefined;
    const at = (o.from - edge.base) * 32;
    assert(at + o.count * 32 <= edge.length, "the tree is that large");
    return edge.bytes.slice(at, at + o.count * 32);
  }

  /** The tiles that are not yet full on disk, for the tree of the entries taken in so far. */
  tiles(): TileContent[] {
    const tiles: TileContent[] = [];
    const first = this.#entries.base / tileWidth;
    for (const [i, start] of this.#bundleStarts.entries()) {
      const end = this.#bundleStarts[i + 1] ?? this.#entries.length;
      const width = Math.min(tileWidth, this.#entryCount - (first + i) * tileWidth);
      const name: TileName = { level: "entries", index: first + i, width };
      tiles.push({ name, bytes: this.#entries.bytes.slice(start, end) });
    }
    for (const [level, edge] of this.#levels.entries()) {
      const tile_bytes = tileWidth * 32;
      for (let at = 0; at < edge.length; at += tile_bytes) {
        const bytes = edge.bytes.slice(at, Math.min(at + tile_bytes, edge.length));
        const index = (edge.base + at / 32) / tileWidth;
        tiles.push({ name: { level, index, width: bytes.length / 32 }, bytes });
      }
    }
    return tiles;
  }

  /** Lets go of what is in full tiles of a tree of this size, once they are on disk. */
  release(size: number): void {
    for (const [level, edge] of this.#levels.entries()) {
      const hashes = hashesAt({ level, size });
      const base = hashes - (hashes % tileWidth);
      drop(edge, base, (base - edge.base) * 32);
    }
    const base = size - (size % tileWidth);
    const bundles = (base - this.#entries.base) / tileWidth;
    const cut = this.#bundleStarts[bundles] ?? this.#entries.length;
    drop(this.#entries, base, cut);
    this.#bundleStarts = this.#bundleStarts.slice(bundles).map((start) => start - cut);
  }

  #level(level: number): EdgeLevel {
    while (this.#levels.length <= level) this.#levels.push(emptyLevel(0));
    return this.#levels[level] as EdgeLevel;
  }
}

function emptyLevel(base: number): EdgeLevel {
  return { base, bytes: new Uint8Array(tileWidth * 32), length: 0 };
}

function drop(edge: EdgeLevel, base: number, cut_bytes: number): void {
  edge.base = base;
  if (cut_bytes === 0) return;
  edge.bytes = edge.bytes.slice(cut_bytes, Math.max(edge.length, cut_bytes + tileWidth * 32));
  edge.length -= cut_bytes;
}

function append(edge: EdgeLevel, bytes: Uint8Array): void {
  reserve(edge, bytes.length);
  edge.bytes.set(bytes, edge.length);
  edge.length += bytes.length;
}

function reserve(edge: EdgeLevel, more_bytes: number): void {
  const needed = edge.length + more_bytes;
  if (needed <= edge.bytes.length) return;
  const larger = new Uint8Array(Math.max(needed, edge.bytes.length * 2));
  larger.set(edge.bytes.subarray(0, edge.length));
  edge.bytes = larger;
}
