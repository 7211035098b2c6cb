import type { LogReader } from "@voltfog/ledger/node";
import { toHex } from "@voltfog/runtime";

const batch = 1000;

/** How many frames were looked at, and those that stand twice where they may stand once. */
export interface Repetition {
  readonly looked: number;
  readonly repeated: readonly string[];
}

/** Frames that a unit's log accepted at the same place of a stream more than once. */
export async function repeatedInLog(log: LogReader): Promise<Repetition> {
  const names: string[] = [];
  for (let from = 0; from < log.size; from += batch) {
    for (const { entry } of await log.read({ from, limit: batch })) {
      if (entry.kind !== "frame" && entry.kind !== "gap") continue;
      names.push(`${toHex(entry.keyId)} ${entry.stream} ${entry.sequence}`);
    }
  }
  return repetitionIn(names);
}

/** Frames that the cloud counts more than once. */
export async function repeatedInStore(cloudFolder: string): Promise<Repetition> {
  const { openStoreReader } = await import("@voltfog/cloud");
  const store = await openStoreReader(cloudFolder);
  try {
    return repetitionIn((await store.frames()).map(({ commitment }) => commitment));
  } finally {
    await store.close();
  }
}

function repetitionIn(names: readonly string[]): Repetition {
  const seen = new Set<string>();
  const repeated = names.filter((name) => seen.size === seen.add(name).size);
  return { looked: names.length, repeated };
}
