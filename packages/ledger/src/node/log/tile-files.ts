import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashesAt, tileLevels, tilePath, tileWidth } from "../../log/tiles.ts";
import type { TileContent } from "./tile-edge.ts";

/** Files written at a time: libuv has four threads for the disk unless told otherwise. */
const writersMax = 4;
const cachedTilesMax = 256;

/** The tile/ folder of a log. */
export class TileFiles {
  readonly #folder: string;
  readonly #cache = new Map<string, Uint8Array>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file by its tile path, or undefined where there is none. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(join(this.#folder, path)));
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return undefined;
      throw thrown;
    }
  }

  /** A full tile of hashes, through a small cache; undefined where it is missing or not whole. */
  async full(level: number, index: number): Promise<Uint8Array | undefined> {
    const path = tilePath({ level, index, width: tileWidth });
    const cached = this.#cache.get(path);
    if (cached !== undefined) return cached;
    const bytes = await this.read(path);
    if (bytes?.length !== tileWidth * 32) return undefined;
    if (this.#cache.size >= cachedTilesMax) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    this.#cache.set(path, bytes);
    return bytes;
  }

  /** Writes tiles so that they survive power loss: each file, then the folders that hold new names. */
  async write(tiles: readonly TileContent[]): Promise<void> {
    const folders = new Set<string>();
    const waiting = tiles.values();
    let isFailed = false;
    const writer = async (): Promise<void> => {
      for (const tile of waiting) {
        if (isFailed) return;
        const path = join(this.#folder, tilePath(tile.name));
        folders.add(dirname(path));
        await replaceFile(path, tile.bytes).catch((thrown: unknown) => {
          isFailed = true;
          throw thrown;
        });
      }
    };
    // All of them are waited for, so that nothing is still being written when this one rejects.
    const results = await Promise.allSettled(Array.from({ length: writersMax }, writer));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    for (const folder of parentsOf(folders, this.#folder)) await syncFolder(folder);
  }

  /**
   * Removes the partial tiles that a tree of this size has no use for, at the tiles where it and an
   * earlier published tree end; also what a crash left there.
   */
  async removeStale(o: { earlier: number; size: number }): Promise<void> {
    for (const level of tileLevels(o.size)) {
      const last = Math.floor(hashesAt({ level, size: o.size }) / tileWidth);
      const first = Math.floor(hashesAt({ level, size: o.earlier }) / tileWidth);
      const width = hashesAt({ level, size: o.size }) % tileWidth;
      for (let index = first; index <= last; index++) {
        const kept = index === last && width > 0 ? String(width) : undefined;
        const partial = tilePath({ level, index, width: 1 });
        await this.#keepOnly(dirname(partial), kept);
      }
    }
  }

  async #keepOnly(folder: string, kept: string | undefined): Promise<void> {
    const path = join(this.#folder, folder);
    if (kept === undefined) {
      await rm(path, { recursive: true, force: true });
      return;
    }
    for (const name of await readdir(path)) {
      if (name !== kept) await rm(join(path, name), { recursive: true, force: true });
    }
  }
}

/** The whole file or nothing; durable once its folder is synced too. Makes the folder when it is missing. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  const handle = await open(temporary, "w", 0o644).catch(async () => {
    await mkdir(dirname(path), { recursive: true });
    return await open(temporary, "w", 0o644);
  });
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** The folders and those above them up to the root, deepest first. */
function parentsOf(folders: ReadonlySet<string>, root: string): string[] {
  const all = new Set<string>();
  for (let folder of folders) {
    while (folder.length >= root.length && !all.has(folder)) {
      all.add(folder);
      folder = dirname(folder);
    }
  }
  return [...all].sort((a, b) => b.length - a.length);
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
