import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Crypto } from "@voltfog/runtime";
import { decodeEntryBundle } from "../../log/entry-bundle.ts";
import { parseTilePath, tileHeight, tileWidth } from "../../log/tiles.ts";
import { leafHash, nodeHash } from "../../log/tree-hash.ts";

/** Hashes of one level of a tree that somebody claims, and all above that follow from them. */
export class ClaimedHashes {
  readonly #level: number;
  readonly #hashes: readonly (Uint8Array | undefined)[];
  readonly #crypto: Crypto;
  readonly #above = new Map<number, (Uint8Array | undefined)[]>();

  constructor(o: { level: number; hashes: readonly (Uint8Array | undefined)[]; crypto: Crypto }) {
    this.#level = o.level;
    this.#hashes = o.hashes;
    this.#crypto = o.crypto;
  }

  /** The root of the full subtree of 2^level leaves at this index; undefined where nothing is claimed. */
  node(level: number, index: number): Uint8Array | undefined {
    if (level < this.#level) return undefined;
    if (level === this.#level) return this.#hashes[index];
    const row = this.#above.get(level) ?? [];
    this.#above.set(level, row);
    if (index in row) return row[index];
    const left = this.node(level - 1, 2 * index);
    const right = this.node(level - 1, 2 * index + 1);
    const isKnown = left !== undefined && right !== undefined;
    row[index] = isKnown ? nodeHash({ left, right, crypto: this.#crypto }) : undefined;
    return row[index];
  }
}

/**
 * What a log's folder says of its tree beside the journal: entry bundles and tiles of every level, each
 * a claim of its own. Files that can't be read or do not fit are passed over.
 */
export function claimsInTiles(folder: string, crypto: Crypto): ClaimedHashes[] {
  const files = tileFiles(folder).map((path) => ({
    path,
    bytes: new Uint8Array(readFileSync(join(folder, path))),
  }));
  return claimsInFiles(files, crypto);
}

/** The same of files by their C2SP tile paths, wherever they were read. */
export function claimsInFiles(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  crypto: Crypto,
): ClaimedHashes[] {
  const entries: (Uint8Array | undefined)[] = [];
  const levels = new Map<number, (Uint8Array | undefined)[]>();
  for (const { path, bytes } of files) {
    const name = parseTilePath(path);
    if (name === undefined) continue;
    const first = name.index * tileWidth;
    if (name.level === "entries") {
      const bundle = decodeEntryBundle(bytes);
      if (!bundle.ok) continue;
      for (const [i, entry] of bundle.value.entries()) {
        entries[first + i] ??= leafHash(entry, crypto);
      }
      continue;
    }
    const row = levels.get(name.level) ?? [];
    levels.set(name.level, row);
    for (let i = 0; 32 * (i + 1) <= bytes.length; i++) {
      row[first + i] ??= bytes.slice(32 * i, 32 * (i + 1));
    }
  }
  const tiles = [...levels].map(
    ([level, hashes]) => new ClaimedHashes({ level: level * tileHeight, hashes, crypto }),
  );
  return [new ClaimedHashes({ level: 0, hashes: entries, crypto }), ...tiles];
}

function tileFiles(folder: string): string[] {
  const tiles = join(folder, "tile");
  if (!existsSync(tiles)) return [];
  return readdirSync(tiles, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1));
}
