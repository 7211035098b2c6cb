import type { Dirent } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { FileFact } from "../../disk/disk-forecast.ts";

/** More files than this are not looked at; a log of ten million entries has a tenth of it. */
const filesMax = 1_000_000;

/** Every file below a folder, without following links; none where the folder is missing. */
export async function folderFiles(folder: string): Promise<readonly FileFact[]> {
  const files: FileFact[] = [];
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const item of await itemsOf(join(folder, below))) {
      const path = below === "" ? item.name : `${below}/${item.name}`;
      if (item.isDirectory()) pending.push(path);
      else if (item.isFile() && files.length < filesMax)
        files.push(...(await factOf(folder, path)));
    }
  }
  return files;
}

async function itemsOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return []; // Removed meanwhile, or not ours to read.
  }
}

async function factOf(folder: string, path: string): Promise<readonly FileFact[]> {
  try {
    const { size, birthtimeMs, mtimeMs } = await stat(join(folder, path));
    const born_ms = birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
    return [{ path, size_bytes: size, born_ms, changed_ms: mtimeMs }];
  } catch {
    return []; // Removed meanwhile.
  }
}

/** What is free on the disk of a folder for whoever runs this. */
export async function freeSpace_bytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
