import { earlierLogs, type LogView, openLogReader } from "@voltfog/ledger/node";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { Intake } from "../ingest/intake.ts";

/** One of the unit's logs, to read and to prove from. */
export interface UnitLogView {
  /** From 1. */
  readonly number: number;
  readonly view: LogView;
}

/** A log that the unit no longer writes. */
export interface EarlierLog extends UnitLogView {
  /** Signed checkpoint of all of it. */
  readonly note: string;
}

/** The logs that others took the place of, newest first. LOG_CORRUPT where one does not hold together. */
export async function loadEarlier(dataDir: string): Promise<readonly EarlierLog[]> {
  const logs: EarlierLog[] = [];
  for (const { number, folder } of earlierLogs(dataDir)) {
    const view = await openLogReader(folder);
    logs.unshift({ number, view, note: view.checkpoint });
  }
  return logs;
}

/** A stream goes on from where an earlier log of this unit has it, as from another unit's. */
export function showEarlier(options: {
  earlier: readonly UnitLogView[];
  devices: Iterable<EnrolledDevice>;
  intake: Intake;
}): void {
  if (options.earlier.length === 0) return;
  const keys = [...options.devices].flatMap((device) => [device, ...device.earlier]);
  for (const { keyId } of keys) {
    for (const { view } of options.earlier) {
      for (const stream of ["telemetry", "urgent"] as const) {
        const last = view.lastOf(keyId, stream);
        if (last !== undefined) options.intake.shown({ keyId, stream }, last);
      }
    }
  }
}
