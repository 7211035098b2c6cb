import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CodedError, type Crypto } from "@voltfog/runtime";
import {
  type FrameErasure,
  isOrdered,
  RecordFile,
  readRecords,
  syncFolderSync,
} from "@voltfog/runtime/node";
import { journalFile, journalKind } from "./event-journal.ts";
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord } from "./event-record.ts";

/**
 * Writes the events journal anew without the details and salts of the events that rest on erased frames:
 * their ids stay, so that no place in the feed moves, and nobody can tell what they hash. What another
 * unit handed over about a vehicle goes with the whole vehicle. Gives how many events went. Nobody has the
 * journal open; the new file takes the old one's place whole or not at all. JOURNAL_CORRUPT.
 */
export async function eraseEvents(o: {
  folder: string;
  order: FrameErasure;
  crypto: Crypto;
}): Promise<number> {
  const path = join(o.folder, journalFile);
  if (!existsSync(path)) return 0;
  const { records } = await readRecords({ path, kind: journalKind });
  let erased = 0;
  const kept: Uint8Array[] = [];
  for (const { payload, at_bytes } of records) {
    const decoded = decodeJournalRecord(payload, o.crypto);
    if (!decoded.ok) {
      const message = `${path} at byte ${at_bytes}: ${decoded.problem.detail}`;
      throw new CodedError({ code: "JOURNAL_CORRUPT", message });
    }
    const left = without(decoded.value, o.order);
    if (left !== decoded.value) erased++;
    if (left !== undefined) kept.push(left === decoded.value ? payload : encodeJournalRecord(left));
  }
  if (erased === 0) return 0;
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const file = await RecordFile.open({ path: draft, kind: journalKind });
  for (let at = 0; at < kept.length; at += 1000) await file.append(kept.slice(at, at + 1000));
  await file.close();
  renameSync(draft, path);
  syncFolderSync(o.folder);
  return erased;
}

/** What is left of a record: itself, less, or nothing. */
function without(record: JournalRecord, order: FrameErasure): JournalRecord | undefined {
  if (record.kind === "adopted") {
    return order.isWhole && record.adopted.vehicleId === order.vehicleId ? undefined : record;
  }
  if (record.kind !== "event") return record;
  const { event } = record.recorded;
  if (event.vehicleId !== order.vehicleId || !isOrdered(order, event.frame)) return record;
  return { kind: "erased", eventId: event.id };
}
