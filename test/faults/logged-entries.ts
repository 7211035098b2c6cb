import { join } from "node:path";
import type { LoggedFrame } from "../../cli/src/report/count-samples.ts";
import {
  type LogReader,
  openLogReader,
  type StoredEntry,
} from "../../packages/ledger/src/node/index.ts";
import { refusalCode } from "../../packages/messages/src/index.ts";
import { toHex } from "../../packages/runtime/src/index.ts";

/** What a log holds of a device; what a log says of itself has no commitment. */
type DeviceEntry = Extract<StoredEntry["entry"], { readonly commitment: Uint8Array }>;

export interface Logged {
  readonly stored: StoredEntry;
  readonly entry: DeviceEntry;
  /** As the count takes it. */
  readonly counted: LoggedFrame;
}

/** Every entry of devices in a unit's log. */
export async function readLogged(unitFolder: string): Promise<readonly Logged[]> {
  const log = await openLogReader(join(unitFolder, "log"));
  return (await readAll(log)).flatMap((stored) => {
    const { entry } = stored;
    return "commitment" in entry ? [{ stored, entry, counted: countedOf(entry) }] : [];
  });
}

async function readAll(log: LogReader): Promise<readonly StoredEntry[]> {
  const entries: StoredEntry[] = [];
  while (entries.length < log.size) {
    const more = await log.read({ from: entries.length, limit: 1000 });
    if (more.length === 0) throw new Error(`the log ends at ${entries.length}, not ${log.size}`);
    entries.push(...more);
  }
  return entries;
}

function countedOf(entry: DeviceEntry): LoggedFrame {
  const commitment = toHex(entry.commitment);
  const { kind } = entry;
  if (kind === "gap") return { kind, commitment, samples: entry.samplesMissing, code: undefined };
  const code = kind === "refused" ? refusalCode(entry.code) : undefined;
  return { kind, commitment, samples: entry.sampleCount, code };
}
