import { openStoreReader } from "../../cloud/src/index.ts";
import { toHex } from "../../packages/runtime/src/index.ts";
import { readLogged } from "./logged-entries.ts";

/** How many frames were looked at, and those that stand twice where they may stand once. */
export interface Repetition {
  readonly looked: number;
  readonly repeated: readonly string[];
}

/** Frames that a unit's log accepted at the same place of a stream more than once. */
export async function repeatedInLog(unitFolder: string): Promise<Repetition> {
  const entries = (await readLogged(unitFolder)).map(({ entry }) => entry);
  return repetitionIn(
    entries
      .filter(({ kind }) => kind !== "refused")
      .map(({ keyId, stream, sequence }) => `${toHex(keyId)} ${stream} ${sequence}`),
  );
}

/** Frames that the cloud counts more than once. */
export async function repeatedInStore(cloudFolder: string): Promise<Repetition> {
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
