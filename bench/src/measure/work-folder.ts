import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { CodedError } from "@voltfog/runtime";

/** On these, fdatasync promises nothing because nothing survives a power cut anyway. */
const inMemory: ReadonlySet<string> = new Set(["tmpfs", "ramfs", "devtmpfs"]);

/**
 * The folder that was asked for, or a new one: in the system's temporary folder where that lies on a
 * disk, else in the current folder. NOT_ON_DISK where fdatasync would be free, FOLDER_NOT_EMPTY where
 * files of something else would be counted.
 */
export function openWorkFolder(wanted: string | undefined): string {
  if (wanted !== undefined) {
    mkdirSync(wanted, { recursive: true });
    requireDisk(wanted);
    if (readdirSync(wanted).length === 0) return wanted;
    throw new CodedError({
      code: "FOLDER_NOT_EMPTY",
      message: `${wanted} holds files already`,
      remedy: "name an empty or a new folder",
    });
  }
  const place = isInMemory(tmpdir()) ? "." : tmpdir();
  requireDisk(place);
  return mkdtempSync(join(place, "voltfog-bench-"));
}

/** Type of the file system that holds the folder, such as ext4; "unknown" where there is no /proc. */
export function fileSystemOf(folder: string): string {
  return mountOf({ folder: realpathSync(folder), mounts: readMounts() }) ?? "unknown";
}

/** The type of the innermost mount above the folder, from the text of /proc/mounts. */
export function mountOf(o: { folder: string; mounts: string }): string | undefined {
  let best: { at: string; type: string } | undefined;
  for (const line of o.mounts.split("\n")) {
    const [, at = "", type = ""] = line.split(" ");
    if (at === "" || !isBelow(o.folder, at)) continue;
    // A later mount at the same place hides the earlier one.
    if (best === undefined || at.length >= best.at.length) best = { at, type };
  }
  return best?.type;
}

function isBelow(folder: string, mount: string): boolean {
  return folder === mount || folder.startsWith(mount.endsWith(sep) ? mount : `${mount}${sep}`);
}

function readMounts(): string {
  try {
    return readFileSync("/proc/mounts", "utf8");
  } catch {
    return ""; // No Linux.
  }
}

function isInMemory(folder: string): boolean {
  return inMemory.has(fileSystemOf(folder));
}

function requireDisk(folder: string): void {
  if (!isInMemory(folder)) return;
  throw new CodedError({
    code: "NOT_ON_DISK",
    message: `${folder} is kept in memory (${fileSystemOf(folder)}), so nothing there is durable`,
    remedy: "name a folder on a disk with --keep",
  });
}
