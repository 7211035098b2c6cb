import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Stream } from "@voltfog/messages";
import { type Logger, messageOf } from "@voltfog/runtime";
import { checkRecordFile, type OpenDiskFile, RecordFile, readRecords } from "@voltfog/runtime/node";
import { AckCursor } from "./ack-cursor.ts";
import {
  decodeStoredFrame,
  encodeStoredFrame,
  type JournalRecord,
  outboxFileKind,
  type StoredFrame,
} from "./journal-record.ts";
import { listSegments, makeFolder, type SegmentFile, segmentFile } from "./segment-files.ts";

interface Segment {
  readonly number: number;
  readonly path: string;
  /** Where its first record starts. */
  start_bytes: number;
  /** Frames up to here may be sent; later ones are not in the journal yet. */
  visible_bytes: number;
  /** Visible frames that are not acknowledged yet. */
  left: number;
}

interface ReadFrame {
  readonly stored: StoredFrame;
  readonly segment: Segment;
  /** A unit has it already; it is given once more so that the next unit has it too. */
  readonly repeated: boolean;
  acknowledged: boolean;
}

export interface FrameQueueOptions {
  readonly folder: string;
  readonly stream: Stream;
  readonly logger: Logger;
  /** A segment is closed when it is longer, and deleted when all its frames are acknowledged. */
  readonly segmentMax_bytes?: number;
  readonly openFile?: OpenDiskFile | undefined;
  /** Called while opening for every frame on disk, in order, acknowledged or not. */
  readonly onFrame?: (stored: StoredFrame) => void;
}

/** Read ahead at most this much, so that a full outbox costs no memory. */
const readAhead_bytes = 128 * 1024;

/** Receipts come within seconds; a vehicle that misses more of them has another trouble than roaming. */
const repeatedMax = 256;

/**
 * The frames of one stream that no unit has acknowledged, first in, first out, on disk.
 * append makes them durable; publish lets them be read; next reads each once; rewind starts again at
 * the oldest; acknowledge drops them. One writer and one reader, in one process.
 */
export class FrameQueue {
  readonly stream: Stream;
  readonly #options: FrameQueueOptions;
  readonly #cursor: AckCursor;
  #segments: Segment[] = [];
  #file: RecordFile | undefined;
  #appended: StoredFrame[] = [];
  /** Given out by next, not acknowledged. */
  #inFlight: ReadFrame[] = [];
  /** Read from disk, not given out. */
  #ahead: ReadFrame[] = [];
  /** Where reading goes on; undefined: at the oldest segment. */
  #readAt: { segment: Segment; at_bytes: number } | undefined;
  /** Up to here acknowledged frames were given once more; undefined: none are. */
  #repeatedTo: number | undefined;
  #cursorHeld = false;
  #samples = 0;
  #frames = 0;

  private constructor(options: FrameQueueOptions) {
    this.stream = options.stream;
    this.#options = options;
    this.#cursor = new AckCursor(join(options.folder, `${options.stream}-acked`));
  }

  /**
   * Opens the queue and finds again what it held. A frame that a crash left unfinished is cut off; a
   * damaged segment gives what precedes the damage and takes nothing more.
   */
  static async open(options: FrameQueueOptions): Promise<FrameQueue> {
    makeFolder(options.folder);
    const queue = new FrameQueue(options);
    const files = listSegments(options);
    for (const file of files) await queue.#openSegment(file);
    const last = queue.#segments.at(-1);
    if (last !== undefined) await queue.#openActive(last);
    queue.#dropAcknowledged();
    return queue;
  }

  /** Samples in frames that are not acknowledged. */
  get samples(): number {
    return this.#samples;
  }

  /** Frames that are not acknowledged. */
  get frames(): number {
    return this.#frames;
  }

  /** Up to which sequence number everything is acknowledged; undefined when that is not known. */
  get acknowledgedSequence(): number | undefined {
    return this.#cursor.sequence;
  }

  /**
   * Resolves when the frames are durable; they are not read before publish. DISK_FULL or DISK_ERROR:
   * none of them is kept.
   */
  async append(frames: readonly StoredFrame[]): Promise<void> {
    if (frames.length === 0) return;
    const file = await this.#openForAppend();
    await file.append(frames.map(encodeStoredFrame));
    this.#appended.push(...frames);
  }

  /** Lets everything appended so far be read. */
  publish(): void {
    const active = this.#segments.at(-1);
    if (this.#file === undefined || active === undefined) return;
    active.visible_bytes = this.#file.size_bytes;
    active.left += this.#appended.length;
    for (const { record } of this.#appended) this.#count(record, 1);
    this.#appended = [];
  }

  /**
   * The oldest frame that was not read since the last rewind, or undefined when there is none now.
   * One call at a time, and none while rewinding.
   */
  async next(): Promise<StoredFrame | undefined> {
    if (this.#ahead.length === 0) await this.#readAhead();
    const taken = this.#ahead.shift();
    if (taken === undefined) return undefined;
    this.#inFlight.push(taken);
    return taken.stored;
  }

  /**
   * After a lost connection: next starts again at the oldest frame that is not acknowledged, or with
   * `after` at the acknowledged one after that number, where the disk holds all from there on: a unit
   * that was shown the frame `after` links to it without a hole.
   */
  rewind(options: { after?: number | undefined } = {}): void {
    this.#inFlight = [];
    this.#ahead = [];
    this.#readAt = undefined;
    const acknowledged = this.#cursor.sequence ?? 0;
    const { after = acknowledged } = options;
    const repeats = after < acknowledged && acknowledged - after <= repeatedMax;
    this.#repeatedTo = repeats ? after : undefined;
  }

  /** A unit has the frame durably, by its PUBACK or its receipt. Unknown numbers are ignored: the connection they came on is gone. */
  acknowledge(sequence: number): void {
    const found = this.#inFlight.find(({ stored }) => stored.record.sequence === sequence);
    if (found !== undefined) found.acknowledged = true;
    const open = this.#inFlight.findIndex((frame) => !frame.acknowledged);
    const passed = this.#inFlight.splice(0, open < 0 ? this.#inFlight.length : open);
    for (const { stored, segment, repeated } of passed) {
      if (repeated) continue;
      segment.left--;
      this.#count(stored.record, -1);
    }
    const last = passed.findLast(({ repeated }) => !repeated);
    if (last === undefined) return;
    if (!this.#cursorHeld) this.#cursor.advance(last.stored.record.sequence);
    this.#dropAcknowledged();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#cursor.close();
  }

  #count(record: JournalRecord, sign: 1 | -1): void {
    this.#frames += sign;
    if (record.kind === "telemetry") this.#samples += sign * record.samples;
  }

  async #openSegment(file: SegmentFile): Promise<void> {
    const segment: Segment = { ...file, start_bytes: 0, visible_bytes: 0, left: 0 };
    const acknowledged = this.#cursor.sequence ?? 0;
    const report = await checkRecordFile({
      path: file.path,
      kind: outboxFileKind,
      onRecord: ({ payload, at_bytes, next_bytes }) => {
        const stored = decodeStoredFrame(payload);
        if (!stored.ok) return;
        if (segment.visible_bytes === 0) segment.start_bytes = at_bytes;
        segment.visible_bytes = next_bytes;
        this.#options.onFrame?.(stored.value);
        if (stored.value.record.sequence <= acknowledged) return;
        segment.left++;
        this.#count(stored.value.record, 1);
      },
    });
    this.#segments.push(segment);
    const { problem } = report;
    if (problem === undefined || problem.code === "UNFINISHED_TAIL") return;
    const { detail, at_bytes } = problem;
    this.#options.logger.error("outbox segment damaged", { path: file.path, detail, at_bytes });
  }

  /** The last segment is written on, unless it is damaged; then the next append starts a new one. */
  async #openActive(last: Segment): Promise<void> {
    try {
      this.#file = await this.#openRecords(last.path);
    } catch {
      return; // Already reported; what precedes the damage is still read.
    }
    if (last.visible_bytes > 0) return;
    last.start_bytes = this.#file.size_bytes;
    last.visible_bytes = this.#file.size_bytes;
  }

  #openRecords(path: string): Promise<RecordFile> {
    return RecordFile.open({ path, kind: outboxFileKind, openFile: this.#options.openFile });
  }

  async #openForAppend(): Promise<RecordFile> {
    const limit_bytes = this.#options.segmentMax_bytes ?? 1 << 20;
    if (this.#file !== undefined && this.#file.size_bytes < limit_bytes) return this.#file;
    const number = (this.#segments.at(-1)?.number ?? 0) + 1;
    const { folder, stream } = this.#options;
    const next = segmentFile({ folder, stream, number });
    const file = await this.#openRecords(next.path);
    const full = this.#file;
    this.#file = file;
    const start_bytes = file.size_bytes;
    this.#segments.push({ ...next, start_bytes, visible_bytes: start_bytes, left: 0 });
    await full?.close();
    this.#dropAcknowledged();
    return file;
  }

  /** Deletes segments from the oldest on, as long as nothing in them is still to be sent. */
  #dropAcknowledged(): void {
    while (this.#segments.length > 1 && this.#segments[0]?.left === 0) {
      const dropped = this.#segments.shift();
      if (dropped === undefined) return;
      if (this.#readAt?.segment === dropped) this.#readAt = undefined;
      try {
        rmSync(dropped.path, { force: true });
      } catch (thrown) {
        this.#options.logger.warn("outbox segment not deleted", { reason: messageOf(thrown) });
      }
    }
  }

  async #readAhead(): Promise<void> {
    for (let place = this.#place(); place !== undefined; place = this.#place()) {
      const { segment } = place;
      const read = await this.#read(place);
      this.#readAt = { segment, at_bytes: read.next_bytes };
      for (const { payload } of read.records) {
        const stored = decodeStoredFrame(payload);
        if (!stored.ok) continue;
        const repeated = stored.value.record.sequence <= (this.#cursor.sequence ?? 0);
        if (repeated && !this.#isRepeated(stored.value.record)) continue;
        this.#ahead.push({ stored: stored.value, segment, repeated, acknowledged: false });
      }
      if (this.#ahead.length > 0) return;
    }
  }

  #isRepeated({ firstSequence, sequence }: JournalRecord): boolean {
    if (this.#repeatedTo === undefined || sequence <= this.#repeatedTo) return false;
    // Behind a hole nothing links to what the next unit was shown, so it need not be sent again.
    const follows = firstSequence === this.#repeatedTo + 1;
    this.#repeatedTo = follows ? sequence : undefined;
    return follows;
  }

  async #read(place: {
    segment: Segment;
    at_bytes: number;
  }): Promise<{ records: readonly { payload: Uint8Array }[]; next_bytes: number }> {
    const { path, visible_bytes } = place.segment;
    try {
      const read = await readRecords({
        path,
        kind: outboxFileKind,
        from_bytes: place.at_bytes,
        limit_bytes: Math.min(readAhead_bytes, visible_bytes - place.at_bytes),
      });
      if (read.next_bytes > place.at_bytes) return read;
    } catch (thrown) {
      this.#options.logger.error("outbox segment unreadable", { path, reason: messageOf(thrown) });
    }
    // The rest of the segment is gone. The cursor stays before it, so that the next start finds the
    // loss in the journal and declares it; what follows goes on being sent.
    this.#cursorHeld = true;
    return { records: [], next_bytes: visible_bytes };
  }

  #place(): { segment: Segment; at_bytes: number } | undefined {
    const oldest = this.#segments[0];
    if (oldest === undefined) return undefined;
    let place = this.#readAt ?? { segment: oldest, at_bytes: oldest.start_bytes };
    while (place.at_bytes >= place.segment.visible_bytes) {
      const following = this.#segments[this.#segments.indexOf(place.segment) + 1];
      if (following === undefined) return undefined;
      place = { segment: following, at_bytes: following.start_bytes };
    }
    return place;
  }
}
