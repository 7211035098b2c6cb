import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Genesis } from "@voltfog/ledger";
import { type FileExtent, openBlockReader, openLogReader } from "@voltfog/ledger/node";
import { toHex } from "@voltfog/runtime";
import { checkRecordFile, nodeCrypto } from "@voltfog/runtime/node";
import { validatorsIn } from "../validators/site-validators.ts";
import type { BackedUpUnit } from "./manifest.ts";

/** A file to back up, below the site's folder: all of it, its first bytes up to a length, or these bytes. */
export interface BackupSource {
  readonly path: string;
  readonly content: "whole" | { readonly length_bytes: number } | { readonly bytes: Uint8Array };
}

/** Told while the sources are gone through. */
export interface SourceListener {
  /** A unit's log is read as it is now. */
  log(unit: BackedUpUnit): void;
  /** A validator's blocks are read as they are now. */
  blocks(height: number): void;
}

/**
 * Not in a backup: what tells of a run and is written at its start (with the old folder's paths), what is
 * made again from the logs (the cloud's store, but for the copy of what is not), and votes. Votes that come back could contradict later
 * ones, so no restore may ever have them.
 */
const leftOutOfSite = /^(?:config|logs|up\.json|(?:up|lists)\.lock.*)$/;
const leftOutOfValidator = /^[^/]+\/votes\//;
const keptOfCloud = /^cloud\/[a-z]+\.copy\.duckdb$/;
const unfinished = /\.(?:new|part)$/;

/** The folders and files directly in a site's folder that a backup holds. */
export function backedUpNames(root: string): { folders: string[]; files: string[] } {
  const items = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !leftOutOfSite.test(name) && !unfinished.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    folders: items.filter((item) => item.isDirectory()).map(({ name }) => name),
    files: items.filter((item) => item.isFile()).map(({ name }) => name),
  };
}

/**
 * Everything to copy of a stopped or a running site, without locks. Each is looked at when its turn
 * comes, and the order makes the whole consistent: vehicles before the logs that acknowledge their
 * frames, blocks before the logs whose checkpoints they hold. So what a vehicle of the copy has let go
 * of is in a log of the copy, and no block of it is ahead of a log.
 */
export async function* siteSources(options: {
  root: string;
  genesis: Genesis;
  listener: SourceListener;
}): AsyncGenerator<BackupSource> {
  const { root, genesis } = options;
  const { folders, files } = backedUpNames(root);
  const units = new Set(genesis.units.map(({ id }) => id));
  const validators = new Set(validatorsIn({ root }, genesis));
  for (const name of folders) {
    if (!units.has(name) && !validators.has(name)) yield* folderSources(root, name);
  }
  for (const id of folders) if (validators.has(id)) yield* validatorSources({ ...options, id });
  for (const id of folders) if (units.has(id)) yield* unitSources({ ...options, id });
  for (const path of files) yield { path, content: "whole" };
}

interface Member {
  readonly root: string;
  readonly id: string;
  readonly listener: SourceListener;
}

/** Blocks and state snapshots, but no votes. */
async function* validatorSources({ root, id, listener }: Member): AsyncGenerator<BackupSource> {
  const blockFile = `${id}/blocks/blocks-`;
  for (const source of folderSources(root, id)) {
    const isOther = !leftOutOfValidator.test(source.path) && !source.path.startsWith(blockFile);
    if (isOther) yield source;
  }
  const folder = join(root, id, "blocks");
  const reader = await openBlockReader({ folder, crypto: nodeCrypto });
  const extents = await reader.extent();
  listener.blocks(reader.height);
  yield* placed(`${id}/blocks`, extents);
}

/** Events before the log, since they speak of its entries. */
async function* unitSources({ root, id, listener }: Member): AsyncGenerator<BackupSource> {
  const log = `${id}/log`;
  for (const source of folderSources(root, id)) {
    if (!source.path.startsWith(`${log}/`)) yield await wholeRecords(root, source);
  }
  if (!existsSync(join(root, log, "vkey"))) return;
  const reader = await openLogReader(join(root, log));
  const extents = reader.extent();
  listener.log({ id, entries: reader.size, root: toHex(reader.root) });
  yield* placed(log, extents);
}

/** A record file up to its last whole record. */
async function wholeRecords(root: string, source: BackupSource): Promise<BackupSource> {
  if (!source.path.endsWith(".records")) return source;
  const { problem, size_bytes } = await checkRecordFile({ path: join(root, source.path) });
  const isUnfinished = problem?.code === "UNFINISHED_TAIL";
  return { ...source, content: { length_bytes: isUnfinished ? problem.at_bytes : size_bytes } };
}

function placed(folder: string, extents: readonly FileExtent[]): BackupSource[] {
  return extents.map(({ path, ...content }) => ({ path: `${folder}/${path}`, content }));
}

function* folderSources(root: string, folder: string): Generator<BackupSource> {
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${item.name}`;
    if (path.startsWith("cloud/") && !keptOfCloud.test(path)) continue;
    if (item.isDirectory()) yield* folderSources(root, path);
    else if (item.isFile() && !unfinished.test(path)) yield { path, content: "whole" };
  }
}

/** Bytes of all that a backup would hold now, to show how far it has come; grows while a site runs. */
export function estimate_bytes(root: string): number {
  const { folders, files } = backedUpNames(root);
  const inFolders = folders.flatMap((name) => [...folderSources(root, name)]);
  const paths = [...inFolders.map(({ path }) => path), ...files];
  return paths
    .filter((path) => !leftOutOfValidator.test(path))
    .reduce(
      (sum, path) => sum + (statSync(join(root, path), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
