import { basename, join } from "node:path";
import { type Stream, streams } from "@voltfog/messages";
import { CodedError, toHex } from "@voltfog/runtime";
import { checkRecordFile, readRecords } from "@voltfog/runtime/node";
import { readAckCursor } from "./ack-cursor.ts";
import {
  decodeJournalRecord,
  decodeStoredFrame,
  type JournalRecord,
  journalFileKind,
  outboxFileKind,
} from "./journal-record.ts";
import { outboxPaths } from "./outbox-paths.ts";
import { listSegments } from "./segment-files.ts";
import { readUnframedSamples } from "./unframed-samples.ts";

export interface JournalledFrame {
  readonly vehicleId: string;
  readonly stream: Stream;
  /**
   * telemetry, alarm, gap: a frame that was cut and kept. skipped: numbers that were used up by frames
   * that could not be kept; a later gap frame declares them.
   */
  readonly kind: "telemetry" | "alarm" | "gap" | "skipped";
  readonly boot: number;
  /** For skipped and gap: the numbers from firstSequence on; a gap's own number is sequence. */
  readonly sequence: number;
  readonly firstSequence: number;
  /** telemetry: samples inside; gap: samples it declares lost; skipped: samples lost; alarm: 0. */
  readonly samples: number;
  /** Commitment in hex; empty for skipped. */
  readonly commitment: string;
  /** Time of the first and the last sample, or of the alarm. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A frame that no unit has acknowledged yet. */
export type HeldFrame = JournalledFrame;

/**
 * What one vehicle's agent ever cut, read without its help and without locks, also beside a running
 * agent. A frame was sent when it was cut: samples sent = samples of telemetry + samples of skipped.
 */
export interface EdgeJournal {
  readonly vehicleId: string;
  /**
   * Every frame and every loss in the order it was cut, each once. A frame that a damaged disk lost
   * before a unit took it is left out: the gap frame that declares it stands for it.
   */
  frames(): AsyncGenerator<JournalledFrame>;
  /** Frames that no unit has acknowledged yet, per stream in order. */
  outbox(): AsyncGenerator<HeldFrame>;
  /** Samples of skipped frames that no gap frame has declared yet. */
  openGapSamples(): Promise<number>;
  /** Samples taken but in no frame yet; above 0 beside a running agent and after a kill. */
  unframedSamples(): Promise<number>;
}

/**
 * The journal of one vehicle, from its folder `<dataDir>/<vehicleId>`. JOURNAL_MISSING when the folder
 * has none; reading throws RECORD_CORRUPT at a changed byte.
 */
export async function openEdgeJournal(folder: string): Promise<EdgeJournal> {
  const vehicleId = basename(folder);
  const { journal } = outboxPaths(folder);
  try {
    await readRecords({ path: journal, kind: journalFileKind, limit_bytes: 1 });
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    throw new CodedError({
      code: "JOURNAL_MISSING",
      message: `${journal} cannot be read`,
      remedy: "name the folder of one vehicle inside the edge agent's data folder",
      cause: thrown,
    });
  }
  return {
    vehicleId,
    async *frames() {
      const lost = await lostRanges(folder);
      for await (const record of allRecords(folder)) {
        const frame = asFrame(vehicleId, record);
        if (frame !== undefined && !lost.some((range) => covers(range, record))) yield frame;
      }
    },
    async *outbox() {
      for (const stream of streams) {
        const acknowledged = readAckCursor(join(outboxPaths(folder).queue, `${stream}-acked`)) ?? 0;
        for await (const record of heldRecords(folder, stream)) {
          const frame = asFrame(vehicleId, record);
          if (frame !== undefined && record.sequence > acknowledged) yield frame;
        }
      }
    },
    async openGapSamples() {
      let open = 0;
      for await (const record of allRecords(folder)) {
        if (record.stream !== "telemetry") continue;
        if (record.kind === "skipped") open += record.samples;
        else if (record.kind !== "boot" && record.kind !== "lost") open = 0;
      }
      return open;
    },
    async unframedSamples() {
      let last = 0;
      for await (const record of allRecords(folder)) last = Math.max(last, record.lastSample);
      return readUnframedSamples({ path: outboxPaths(folder).unframed, after: last }).length;
    },
  };
}

async function lostRanges(folder: string): Promise<readonly JournalRecord[]> {
  const ranges: JournalRecord[] = [];
  for await (const record of allRecords(folder)) if (record.kind === "lost") ranges.push(record);
  return ranges;
}

function covers(range: JournalRecord, { stream, sequence }: JournalRecord): boolean {
  const inside = sequence >= range.firstSequence && sequence <= range.sequence;
  return range.stream === stream && inside;
}

/** The journal, then frames in the outbox that a crash kept from it. */
async function* allRecords(folder: string): AsyncGenerator<JournalRecord> {
  const last = { telemetry: 0, urgent: 0 };
  for await (const record of journalRecords(outboxPaths(folder).journal)) {
    const { stream, kind, sequence } = record;
    if (kind !== "boot" && kind !== "lost") last[stream] = sequence;
    yield record;
  }
  for (const stream of streams) {
    for await (const record of heldRecords(folder, stream)) {
      if (record.sequence > last[stream]) yield record;
    }
  }
}

/** Frames in the segments; of a damaged one those before the damage. */
async function* heldRecords(folder: string, stream: Stream): AsyncGenerator<JournalRecord> {
  for (const { path } of listSegments({ folder: outboxPaths(folder).queue, stream })) {
    const records: JournalRecord[] = [];
    try {
      await checkRecordFile({
        path,
        kind: outboxFileKind,
        onRecord: ({ payload }) => {
          const stored = decodeStoredFrame(payload);
          if (stored.ok) records.push(stored.value.record);
        },
      });
    } catch (thrown) {
      // Acknowledged and deleted between being listed and being read.
      if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
    }
    yield* records;
  }
}

const chunk_bytes = 1 << 20;

async function* journalRecords(path: string): AsyncGenerator<JournalRecord> {
  let from: { from_bytes?: number } = {};
  for (;;) {
    const { records, next_bytes } = await readRecords({
      path,
      kind: journalFileKind,
      limit_bytes: chunk_bytes,
      ...from,
    });
    if (records.length === 0) return;
    for (const { payload } of records) {
      const record = decodeJournalRecord(payload);
      if (record.ok) yield record.value;
    }
    from = { from_bytes: next_bytes };
  }
}

function asFrame(vehicleId: string, record: JournalRecord): JournalledFrame | undefined {
  const { kind } = record;
  if (kind === "boot" || kind === "lost") return undefined;
  return {
    vehicleId,
    stream: record.stream,
    kind,
    boot: record.boot,
    sequence: record.sequence,
    firstSequence: record.firstSequence,
    samples: record.samples,
    commitment: kind === "skipped" ? "" : toHex(record.commitment),
    from_ms: record.from_ms,
    to_ms: record.to_ms,
  };
}
