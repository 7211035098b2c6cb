import type { Crypto, Logger } from "@voltfog/runtime";
import { VoteStore } from "../vote-store.ts";

/** The disk of a replica: records that come back in the order they were written. */
export interface Journal {
  /** What survived; before anything is appended. */
  read(): Promise<readonly Uint8Array[]>;
  /** Resolves when all of them are durable, where the journal is durable at all. */
  append(records: readonly Uint8Array[]): Promise<void>;
  /** How often it waited for the disk. */
  readonly syncs: number;
  close(): Promise<void>;
}

/** A file with one fdatasync for every write, in the format of the votes. */
export async function journalAt(options: {
  path: string;
  crypto: Crypto;
  logger: Logger;
}): Promise<Journal> {
  const store = await VoteStore.open(options);
  let syncs = 0;
  return {
    read: async () => store.records,
    append: async (records) => {
      syncs++;
      await store.append(records.map((record) => ({ height: 0, record })));
    },
    get syncs() {
      return syncs;
    },
    close: () => store.close(),
  };
}

/** For rows that say so: nothing is written and nothing comes back. */
export function forgetfulJournal(): Journal {
  return {
    read: async () => [],
    append: async () => {},
    syncs: 0,
    close: async () => {},
  };
}
