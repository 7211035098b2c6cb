import { type GapCause, gapCauses, type Stream, streams } from "@voltfog/messages";
import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";

/**
 * telemetry, alarm, gap: a frame that was cut and kept. skipped: numbers used up by frames that could
 * not be kept. boot: the agent started. lost: kept frames that the disk no longer gives back.
 */
export type JournalKind = "telemetry" | "alarm" | "gap" | "skipped" | "boot" | "lost";

/** One line of a vehicle's journal, of a fixed size. The journal holds one for every frame ever cut. */
export interface JournalRecord {
  readonly kind: JournalKind;
  readonly stream: Stream;
  /** For gap and skipped; of no meaning otherwise. */
  readonly cause: GapCause;
  readonly boot: number;
  /** Of the frame; the last one of a skipped or lost range; 0 for boot. */
  readonly sequence: number;
  /** The first one of a range; for a gap the first number it declares; otherwise as sequence. */
  readonly firstSequence: number;
  /** In the frame; for gap, skipped and lost the samples that are gone. */
  readonly samples: number;
  /**
   * telemetry, and skipped on its stream: the number of the last sample in it, counting all that the
   * vehicle ever took. Up to there samples are accounted for. boot: the same, so far. Otherwise 0.
   */
  readonly lastSample: number;
  /** Time of the first and the last sample, alarm or loss that this is about. */
  readonly from_ms: number;
  readonly to_ms: number;
  /** SHA-256 of the frame; zeros where there is no frame. */
  readonly commitment: Uint8Array;
}

/** What the record files are, in their headers. */
export const journalFileKind = "voltfog/edge-journal/1";

export const journalRecord_bytes = 84;

export const noCommitment: Uint8Array = new Uint8Array(32);

const recordVersion = 1;
/** The code on disk is the place in this list, from 1. */
const kinds: readonly JournalKind[] = ["telemetry", "alarm", "gap", "skipped", "boot", "lost"];

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  return new ByteWriter()
    .u8(recordVersion)
    .u8(kinds.indexOf(record.kind) + 1)
    .u8(streams.indexOf(record.stream))
    .u8(gapCauses.indexOf(record.cause))
    .u32(record.boot)
    .u64(record.sequence)
    .u64(record.firstSequence)
    .u32(record.samples)
    .u64(record.lastSample)
    .u64(record.from_ms)
    .u64(record.to_ms)
    .raw(record.commitment)
    .finish();
}

export function decodeJournalRecord(bytes: Uint8Array): Outcome<JournalRecord, MalformedProblem> {
  return decodeBytes(bytes, readJournalRecord);
}

/** What an outbox segment holds: a frame behind its line of the journal, so that either can restore the other. */
export interface StoredFrame {
  readonly record: JournalRecord;
  readonly frame: Uint8Array;
}

export const outboxFileKind = "voltfog/edge-outbox/1";

export function encodeStoredFrame(stored: StoredFrame): Uint8Array {
  return new ByteWriter().raw(encodeJournalRecord(stored.record)).raw(stored.frame).finish();
}

export function decodeStoredFrame(bytes: Uint8Array): Outcome<StoredFrame, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    record: readJournalRecord(reader),
    frame: reader.raw(reader.remaining),
  }));
}

function readJournalRecord(reader: ByteReader): JournalRecord {
  if (reader.u8() !== recordVersion) reader.fail("unknown version of a journal record");
  return {
    kind: kinds[reader.u8() - 1] ?? reader.fail("unknown kind"),
    stream: streams[reader.u8()] ?? reader.fail("unknown stream"),
    cause: gapCauses[reader.u8()] ?? reader.fail("unknown cause"),
    boot: reader.u32(),
    sequence: reader.u64(),
    firstSequence: reader.u64(),
    samples: reader.u32(),
    lastSample: reader.u64(),
    from_ms: reader.u64(),
    to_ms: reader.u64(),
    commitment: reader.raw(32),
  };
}
