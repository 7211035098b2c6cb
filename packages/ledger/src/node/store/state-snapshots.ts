import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Crypto, type Logger, messageOf } from "@voltfog/runtime";
import type { Chain } from "../../chain/chain.ts";
import type { Genesis } from "../../genesis/genesis.ts";
import { chainFromFile, SnapshotFile, writeSnapshotFile } from "./snapshot-file.ts";

/** Older ones are removed; the second serves when the newest cannot be read. */
const snapshotsKept = 2;

export function snapshotPath(folder: string, height: number): string {
  return join(folder, `state-${String(height).padStart(16, "0")}.snap`);
}

function snapshotHeight(name: string): number | undefined {
  const digits = /^state-([0-9]{16})\.snap$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Heights of the snapshots in a folder, the newest first. */
export async function snapshotHeights(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((thrown: { code?: unknown }) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  return names
    .map(snapshotHeight)
    .filter((height) => height !== undefined)
    .sort((a, b) => b - a);
}

/** Writes the chain as it is at the call, whole or not at all, then removes old snapshots. */
export async function saveSnapshot(options: { folder: string; chain: Chain }): Promise<void> {
  const { folder, chain } = options;
  const path = snapshotPath(folder, chain.height);
  const source = chain.snapshotSource();
  await writeSnapshotFile({ path, plan: source.plan, parts: source.parts() });
  await removeOldSnapshots(folder);
}

export async function removeOldSnapshots(folder: string): Promise<void> {
  for (const height of (await snapshotHeights(folder)).slice(snapshotsKept)) {
    await rm(snapshotPath(folder, height), { force: true });
  }
}

/** The newest chain in the folder, up to a height, that proves itself; undefined where there is none. */
export async function loadSnapshot(options: {
  folder: string;
  heightMax: number;
  genesis: Genesis;
  crypto: Crypto;
  logger: Logger;
  resultsKept?: number;
}): Promise<Chain | undefined> {
  const { folder, heightMax, logger } = options;
  for (const height of await snapshotHeights(folder)) {
    if (height > heightMax) continue;
    try {
      const chain = await chainFromFile({ ...options, path: snapshotPath(folder, height) });
      if (chain.ok) return chain.value;
      logger.warn("snapshot passed over", { height, reason: chain.problem.code });
    } catch (thrown) {
      logger.warn("snapshot passed over", { height, reason: messageOf(thrown) });
    }
  }
  return undefined;
}

/** The snapshots that can be given to others part by part, the newest first. */
export async function snapshotFiles(options: {
  folder: string;
  crypto: Crypto;
}): Promise<readonly SnapshotFile[]> {
  const files: SnapshotFile[] = [];
  for (const height of await snapshotHeights(options.folder)) {
    const path = snapshotPath(options.folder, height);
    const file = await SnapshotFile.open({ ...options, path }).catch(() => undefined);
    if (file !== undefined) files.push(file);
  }
  return files;
}
