import { join } from "node:path";
import { CodedError, type Crypto } from "@voltfog/runtime";
import { readRecords } from "@voltfog/runtime/node";
import { journalFile, journalKind } from "./event-journal.ts";
import { decodeJournalRecord, type RecordedEvent } from "./event-record.ts";

/**
 * The events that a unit's folder holds, oldest first, beside a live unit or without one. JOURNAL_CORRUPT,
 * RECORD_CORRUPT and the like on a damaged file.
 */
export async function readRecordedEvents(options: {
  /** The unit's data folder. */
  readonly folder: string;
  readonly crypto: Crypto;
}): Promise<readonly RecordedEvent[]> {
  const path = join(options.folder, "events", journalFile);
  const events: RecordedEvent[] = [];
  const { records } = await readRecords({ path, kind: journalKind });
  for (const { payload, at_bytes } of records) {
    const decoded = decodeJournalRecord(payload, options.crypto);
    if (!decoded.ok) {
      const message = `${path} at byte ${at_bytes}: ${decoded.problem.detail}`;
      throw new CodedError({ code: "JOURNAL_CORRUPT", message });
    }
    if (decoded.value.kind === "event") events.push(decoded.value.recorded);
  }
  return events;
}
