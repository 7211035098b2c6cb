import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Crypto, type Logger, messageOf } from "@voltfog/runtime";
import { Chain } from "../../chain/chain.ts";
import type { Genesis } from "../../genesis/genesis.ts";

/** Older ones are removed; the second serves when the newest cannot be read. */
const snapshotsKept = 2;

function snapshotName(height: number): string {
  return `state-${String(height).padStart(16, "0")}.snap`;
}

function snapshotHeight(name: string): number | undefined {
  const digits = /^state-([0-9]{16})\.snap$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

async function heightsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((thrown: { code?: unknown }) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  return names
    .map(snapshotHeight)
    .filter((height) => height !== undefined)
    .sort((a, b) => b - a);
}

/** Writes the whole snapshot or nothing, then removes old ones. */
export async function saveSnapshot(options: { folder: string; chain: Chain }): Promise<void> {
  const { folder, chain } = options;
  const path = join(folder, snapshotName(chain.height));
  const bytes = chain.snapshot();
  await mkdir(folder, { recursive: true });
  const file = await open(`${path}.new`, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  for (const height of (await heightsIn(folder)).slice(snapshotsKept)) {
    await rm(join(folder, snapshotName(height)), { force: true });
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
  for (const height of await heightsIn(folder)) {
    if (height > heightMax) continue;
    try {
      const bytes = await readFile(join(folder, snapshotName(height)));
      const chain = Chain.fromSnapshot({ ...options, bytes });
      if (chain.ok) return chain.value;
      logger.warn("snapshot passed over", { height, reason: chain.problem.code });
    } catch (thrown) {
      logger.warn("snapshot passed over", { height, reason: messageOf(thrown) });
    }
  }
  return undefined;
}
