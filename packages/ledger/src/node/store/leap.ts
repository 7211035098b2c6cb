import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { BlockStore } from "./block-store.ts";

/**
 * A store that begins anew after a snapshot: the blocks before it go. The mark says so until it is done,
 * so that one who was killed in between does the rest when it starts again.
 */
export async function leapAfter(options: {
  folder: string;
  blocks: BlockStore;
  height: number;
}): Promise<void> {
  const { folder, blocks, height } = options;
  replaceFileSync(markPath(folder), `${height}\n`);
  await blocks.restartAfter(height);
  await endLeap(folder);
}

/** The height after which a store was about to begin anew; undefined where it was not. */
export async function unfinishedLeap(folder: string): Promise<number | undefined> {
  const text = await readFile(markPath(folder), "utf8").catch(() => "");
  return /^[0-9]{1,16}\n$/.test(text) ? Number(text) : undefined;
}

export async function endLeap(folder: string): Promise<void> {
  await rm(markPath(folder), { force: true });
}

function markPath(folder: string): string {
  return join(folder, "begins-after");
}
