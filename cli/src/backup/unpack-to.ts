import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { diskError } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { ArchivedFile } from "./archive-format.ts";
import { readArchive } from "./archive-reader.ts";
import { syncFolder } from "./archive-writer.ts";
import type { BackupManifest } from "./manifest.ts";

/**
 * Unpacks an archive to a folder that is not there yet or is empty. Everything is written beside the
 * target first and takes its name only once the archive was read to its end, `prepare` has done its
 * part on it, and all is durable: whatever fails, the target stays as it was. TARGET_NOT_EMPTY,
 * ARCHIVE_DAMAGED and the like, DISK_FULL, DISK_ERROR.
 */
export async function unpackTo<T>(options: {
  archive: string;
  target: string;
  progress: (text: string) => void;
  prepare: (folder: string, manifest: BackupManifest) => Promise<T>;
}): Promise<T> {
  const { archive, progress } = options;
  const target = resolve(options.target);
  requireEmpty(target, options.target);
  const draft = makeDraft(target);
  try {
    const manifest = await readArchive(archive, {
      take: (file, content) => writeFile({ folder: draft, file, content }),
      progress: ({ read_bytes, size_bytes }) =>
        progress(`unpacking, ${Math.floor((read_bytes / size_bytes) * 10) * 10} %`),
    });
    const result = await options.prepare(draft, manifest);
    await syncFolders(draft);
    await rename(draft, target);
    await syncFolder(dirname(target));
    return result;
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true });
    throw thrown;
  }
}

function requireEmpty(target: string, named: string): void {
  if (!existsSync(target)) return;
  try {
    if (readdirSync(target).length === 0) return;
  } catch {
    // A file of that name.
  }
  throw complaint({
    code: "TARGET_NOT_EMPTY",
    what: `${named} is not an empty folder`,
    remedy: "name a new folder: a restore never writes over anything",
  });
}

/** On the target's own file system, so that it can take the target's name in one step. */
function makeDraft(target: string): string {
  try {
    mkdirSync(dirname(target), { recursive: true });
    return mkdtempSync(join(dirname(target), `.${basename(target)}.restoring-`));
  } catch (thrown) {
    throw diskError(thrown, dirname(target));
  }
}

async function writeFile(options: {
  folder: string;
  file: ArchivedFile;
  content: AsyncIterable<Uint8Array>;
}): Promise<void> {
  const path = join(options.folder, options.file.path);
  mkdirSync(dirname(path), { recursive: true });
  // The archive's own refusals pass through diskError as they are.
  try {
    const handle = await open(path, "wx", options.file.mode);
    try {
      for await (const bytes of options.content) await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

async function syncFolders(folder: string): Promise<void> {
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (item.isDirectory()) await syncFolders(join(folder, item.name));
  }
  await syncFolder(folder);
}
