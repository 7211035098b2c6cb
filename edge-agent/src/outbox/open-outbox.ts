import { join } from "node:path";
import { type Stream, streams } from "@voltfog/messages";
import type { Clock, Logger } from "@voltfog/runtime";
import { type OpenDiskFile, RecordFile } from "@voltfog/runtime/node";
import type { FrameSealer } from "../framing/frame-sealer.ts";
import { readAckCursor } from "./ack-cursor.ts";
import { FrameQueue } from "./frame-queue.ts";
import { FrameWriter } from "./frame-writer.ts";
import { JournalHistory } from "./journal-history.ts";
import {
  decodeJournalRecord,
  encodeJournalRecord,
  type JournalRecord,
  journalFileKind,
  noCommitment,
} from "./journal-record.ts";
import { outboxPaths } from "./outbox-paths.ts";
import { readUnframedSamples, type UnframedSample, UnframedSamples } from "./unframed-samples.ts";

export interface OutboxOptions {
  /** The vehicle's folder. */
  readonly folder: string;
  readonly seal: FrameSealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Samples of telemetry and frames of alarms that are kept while no unit takes them. */
  readonly roomMax: Readonly<Record<Stream, number>>;
  readonly segmentMax_bytes?: number;
  /** The disk of journal and frames, where it is not this machine's own. */
  readonly openFile?: OpenDiskFile;
  readonly onJournalled?: (records: readonly JournalRecord[]) => void;
}

/** A vehicle's frames on disk, and what an earlier run of the agent left. */
export interface Outbox {
  readonly queues: Readonly<Record<Stream, FrameQueue>>;
  readonly writer: FrameWriter;
  readonly unframed: UnframedSamples;
  /** Counts the starts of this vehicle's agent, from 1. */
  readonly boot: number;
  /** How many samples the vehicle has ever taken. */
  readonly lastSample: number;
  readonly recovered: Recovered;
  close(): Promise<void>;
}

/** What the start found; framing/recovery-cuts.ts says how it goes out before anything new. */
export interface Recovered {
  /** Samples that a killed agent had taken and not framed. */
  readonly samples: readonly UnframedSample[];
  /** Frames that were kept and that the disk no longer gives back. */
  readonly lost: readonly JournalRecord[];
  /** Up to when an earlier run is on record; undefined at the very first start. */
  readonly last_ms: number | undefined;
}

/**
 * Opens a vehicle's folder and brings journal and outbox to agree: an unfinished end is cut off, frames
 * that the journal lacks are added to it, frames that the outbox lost are declared.
 * RECORD_CORRUPT when the journal was changed: without it numbers could be used twice.
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { folder, clock } = options;
  const paths = outboxPaths(folder);
  const history = new JournalHistory((stream) =>
    readAckCursor(join(paths.queue, `${stream}-acked`)),
  );
  const journal = await RecordFile.open({
    path: paths.journal,
    kind: journalFileKind,
    openFile: options.openFile,
    onRecord: ({ payload }) => {
      const record = decodeJournalRecord(payload);
      if (record.ok) history.addJournalled(record.value);
    },
  });
  const queue = (stream: Stream): Promise<FrameQueue> =>
    FrameQueue.open({
      folder: paths.queue,
      stream,
      logger: options.logger,
      openFile: options.openFile,
      ...(options.segmentMax_bytes === undefined
        ? {}
        : { segmentMax_bytes: options.segmentMax_bytes }),
      onFrame: ({ record }) => history.addHeld(record),
    });
  const queues = { telemetry: await queue("telemetry"), urgent: await queue("urgent") };
  const lost = history.lostFrames();
  const boot = history.boot + 1;
  const now_ms = clock.wall_ms();
  const started = bootRecord({ boot, lastSample: history.lastSample, now_ms });
  await journal.append([...history.missing(), started].map(encodeJournalRecord));
  const samples = readUnframedSamples({ path: paths.unframed, after: history.lastSample });
  const unframed = UnframedSamples.open({ path: paths.unframed, recovered: samples });
  const writer = new FrameWriter({
    queues,
    unjournalled: lost,
    states: { telemetry: history.state("telemetry"), urgent: history.state("urgent") },
    journal,
    seal: options.seal,
    clock,
    logger: options.logger,
    roomMax: options.roomMax,
    onJournalled: (records) => {
      unframed.framed(Math.max(...records.map(({ lastSample }) => lastSample)));
      options.onJournalled?.(records);
    },
  });
  const last_ms = Math.max(history.last_ms, samples.at(-1)?.sample.wall_ms ?? 0);
  return {
    queues,
    writer,
    unframed,
    boot,
    lastSample: Math.max(history.lastSample, samples.at(-1)?.number ?? 0),
    recovered: { samples, lost, last_ms: boot === 1 ? undefined : last_ms },
    async close() {
      await writer.close();
      for (const stream of streams) await queues[stream].close();
      await journal.close();
      unframed.close();
    },
  };
}

function bootRecord(options: { boot: number; lastSample: number; now_ms: number }): JournalRecord {
  return {
    kind: "boot",
    stream: "telemetry",
    cause: "agent-restart",
    boot: options.boot,
    sequence: 0,
    firstSequence: 0,
    samples: 0,
    lastSample: options.lastSample,
    from_ms: options.now_ms,
    to_ms: options.now_ms,
    commitment: noCommitment,
  };
}
