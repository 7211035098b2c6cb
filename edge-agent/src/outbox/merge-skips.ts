import type { JournalRecord } from "./journal-record.ts";

/** Losses that follow one another in a stream as one record each, so that a long outage stays small. */
export function mergeSkips(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const merged: JournalRecord[] = [];
  for (const record of records) {
    const at = merged.findIndex((before) => continues(before, record));
    const before = merged[at];
    if (before === undefined) merged.push(record);
    else merged[at] = joined(before, record);
  }
  return merged;
}

function continues(before: JournalRecord, record: JournalRecord): boolean {
  return (
    before.kind === "skipped" &&
    record.kind === "skipped" &&
    before.stream === record.stream &&
    before.cause === record.cause &&
    before.boot === record.boot &&
    before.sequence + 1 === record.firstSequence
  );
}

function joined(before: JournalRecord, record: JournalRecord): JournalRecord {
  return {
    ...before,
    sequence: record.sequence,
    samples: before.samples + record.samples,
    lastSample: record.lastSample,
    to_ms: record.to_ms,
  };
}
