import { existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type Clock, CodedError, toHex } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { readSite, sitePaths } from "../site/site-folder.ts";
import { longestChain, readGenesis } from "../site/site-record.ts";
import { type DecidingSet, decidingSet } from "../validators/site-validators.ts";
import { type ArchivedFile, isArchivePath } from "./archive-format.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import type { BackedUpUnit, BackupManifest } from "./manifest.ts";
import { type BackupSource, estimate_bytes, siteSources } from "./site-sources.ts";

/** What a backup holds, as the command reports it. */
export interface BackupReport extends Omit<BackupManifest, "files" | "format" | "deciding"> {
  readonly deciding: DecidingSet;
  readonly file: string;
  readonly size_bytes: number;
  readonly files: number;
  /** SHA-256 of the archive up to its last 32 bytes, which repeat it. */
  readonly sha256: string;
}

const chunk_bytes = 1 << 20;
/** Files up to this size are read at once, so that one which is replaced meanwhile is never mixed. */
const atOnceMax_bytes = 1 << 20;

/**
 * Writes a site's folder to an archive, also while the site runs. The file appears when it is whole.
 * SITE_MISSING, BACKUP_EXISTS, BACKUP_INSIDE, DISK_FULL, and LOG_CORRUPT or STORE_DAMAGED for a site
 * that does not hold together.
 */
export async function writeBackup(options: {
  root: string;
  out: string;
  clock: Clock;
  progress: (share: number, path: string) => void;
}): Promise<BackupReport> {
  const { root, out, clock } = options;
  const genesis = requireSite(root);
  requireFreeName(root, out);
  const units: BackedUpUnit[] = [];
  let height = 0;
  const total_bytes = Math.max(1, estimate_bytes(root));
  // Before the blocks, so that the archive holds the one that says so.
  const chain = await longestChain({ paths: sitePaths(root), genesis, problems: [] });
  const writer = await ArchiveWriter.open(out);
  try {
    const listener = {
      log: (unit: BackedUpUnit) => units.push(unit),
      blocks: (found: number) => {
        height = Math.max(height, found);
      },
    };
    for await (const source of siteSources({ root, genesis, listener })) {
      await addSource({ root, source, writer });
      options.progress(Math.min(1, writer.written_bytes / total_bytes), source.path);
    }
    const facts = {
      created_ms: clock.wall_ms(),
      chain: genesis.chain,
      chainId: toHex(genesis.chainId),
      height,
      units,
      deciding: decidingSet(chain),
    };
    let files = 0;
    const sha256 = await writer.finish((listed) => {
      files = listed.length;
      return { format: 1, ...facts, files: listed } satisfies BackupManifest;
    });
    return { file: out, size_bytes: writer.written_bytes, files, sha256, ...facts };
  } catch (thrown) {
    await writer.abort();
    throw thrown;
  }
}

function requireSite(root: string): ReturnType<typeof readGenesis> {
  const paths = sitePaths(root);
  if (!existsSync(paths.marker)) {
    throw complaint({
      code: "SITE_MISSING",
      what: `${root} holds no Voltfog site`,
      remedy: "name the folder that voltfog up was given with --data",
    });
  }
  readSite(paths);
  return readGenesis(paths.genesis);
}

function requireFreeName(root: string, out: string): void {
  if (existsSync(out)) {
    throw complaint({
      code: "BACKUP_EXISTS",
      what: `${out} is there already`,
      remedy: "choose another name: a backup never replaces an older one",
    });
  }
  if (`${resolve(out)}${sep}`.startsWith(`${resolve(root)}${sep}`)) {
    throw complaint({
      code: "BACKUP_INSIDE",
      what: `${out} lies in the folder that it is to save`,
      remedy: "choose a place outside, best on another disk",
    });
  }
  if (!existsSync(dirname(out))) {
    throw complaint({
      code: "FOLDER_UNREADABLE",
      what: `${dirname(out)}: there is no such folder`,
      remedy: "make it, or choose another place",
    });
  }
}

async function addSource(options: {
  root: string;
  source: BackupSource;
  writer: ArchiveWriter;
}): Promise<void> {
  const { source, writer } = options;
  const { path, content } = source;
  if (!isArchivePath(path)) throw unusableName(path);
  if (typeof content === "object" && "bytes" in content) {
    const { bytes } = content;
    await writer.add({ path, mode: 0o644, length_bytes: bytes.length }, once(bytes));
    return;
  }
  const file = await openOrGone(join(options.root, path));
  if (file === undefined) return;
  try {
    const { size, mode } = await file.stat();
    if (content !== "whole" && size < content.length_bytes) throw shrunk(path);
    const length_bytes = content === "whole" ? size : content.length_bytes;
    await addFile({ writer, file, head: { path, mode: mode & 0o777, length_bytes } });
  } finally {
    await file.close();
  }
}

async function addFile(options: {
  writer: ArchiveWriter;
  file: FileHandle;
  head: ArchivedFile;
}): Promise<void> {
  const { writer, file, head } = options;
  if (head.length_bytes > atOnceMax_bytes) return writer.add(head, parts(file, head));
  const bytes = await readUpTo(file, { from: 0, length_bytes: head.length_bytes });
  return writer.add({ ...head, length_bytes: bytes.length }, once(bytes));
}

/** Vehicles delete what was acknowledged, so a file may have gone since it was listed. */
async function openOrGone(path: string): Promise<FileHandle | undefined> {
  return open(path, "r").catch((thrown: { code?: unknown }) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* parts(file: FileHandle, head: ArchivedFile): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < head.length_bytes; ) {
    const length_bytes = Math.min(chunk_bytes, head.length_bytes - from);
    const bytes = await readUpTo(file, { from, length_bytes });
    if (bytes.length < length_bytes) throw shrunk(head.path);
    from += bytes.length;
    yield bytes;
  }
}

async function readUpTo(
  file: FileHandle,
  range: { from: number; length_bytes: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.length_bytes);
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, range.from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

function shrunk(path: string): CodedError {
  return new CodedError({
    code: "FILE_SHRANK",
    message: `${path} became shorter while it was read`,
    remedy: "try again; if it happens again, check the site with voltfog doctor",
  });
}

function unusableName(path: string): CodedError {
  return complaint({
    code: "NAME_UNUSABLE",
    what: `${path} has a name that no backup can hold`,
    remedy: "move it out of the site's folder; names are of letters, digits, dots, _ and -",
  });
}
