import { type GapPayload, type Stream, streams } from "@voltfog/messages";
import { type Clock, faultOf, type Logger } from "@voltfog/runtime";
import type { Cut, CutStamp } from "../framing/cut.ts";
import type { FrameSealer } from "../framing/frame-sealer.ts";
import type { FrameQueue } from "./frame-queue.ts";
import { encodeJournalRecord, type JournalRecord } from "./journal-record.ts";
import { mergeSkips } from "./merge-skips.ts";
import {
  type LaneItem,
  type LaneState,
  type Loss,
  lossOf,
  type Staged,
  stageFrames,
  stageGapFrame,
  stageLoss,
} from "./stage-frames.ts";

/** The journal as the writer needs it. */
export interface JournalFile {
  append(payloads: readonly Uint8Array[]): Promise<unknown>;
}

export interface FrameWriterOptions {
  readonly queues: Readonly<Record<Stream, FrameQueue>>;
  readonly states: Readonly<Record<Stream, LaneState>>;
  readonly journal: JournalFile;
  /** Lines that are to stand before the first frame's: what an earlier run lost, together with its notice. */
  readonly unjournalled: readonly JournalRecord[];
  readonly seal: FrameSealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Samples that the telemetry queue may hold, alarm frames that the urgent queue may hold. */
  readonly roomMax: Readonly<Record<Stream, number>>;
  /** Records are in the journal: frames can be sent, losses are known after a crash. */
  readonly onJournalled: (records: readonly JournalRecord[]) => void;
}

/** Cuts that may wait for the disk; what comes on top is lost with cause disk-error. */
const waitingCutsMax = 64;
/** Cuts that share one write and one fdatasync of each file. */
const groupMax = 32;
const retry_ms = 1000;

/**
 * Turns cuts into durable frames, in order, without ever holding up the caller. A frame counts only
 * when its segment and then the journal are on disk; what cannot be kept becomes part of a gap.
 */
export class FrameWriter {
  readonly #options: FrameWriterOptions;
  readonly #states: Record<Stream, LaneState>;
  #waiting: Cut[] = [];
  #overflow: Overflow | undefined;
  #notices: GapPayload[] = [];
  /** Losses that the journal could not take yet. */
  #unjournalled: readonly JournalRecord[];
  #busy: Promise<void> | undefined;
  #closing = false;

  constructor(options: FrameWriterOptions) {
    this.#options = options;
    this.#states = { ...options.states };
    this.#unjournalled = options.unjournalled;
  }

  /** Takes the cut at once; what becomes of it shows in the queues and the journal. */
  offer(cut: Cut): void {
    // Behind an overflow nothing is kept until the overflow is on record, or the order would break.
    const full = this.#overflow !== undefined || this.#waiting.length >= waitingCutsMax;
    if (full) this.#overflow = addToOverflow(this.#overflow, cut);
    else this.#waiting.push(cut);
    this.#notices.push(...(full ? cut.notices : []));
    this.#busy ??= this.#drain();
  }

  /** Whether a loss of the stream is still to be declared. */
  gapOpen(stream: Stream): boolean {
    return this.#states[stream].gap !== undefined;
  }

  /** The last number of each stream that was used; undefined while some are being used. */
  get lastNumbers(): Readonly<Record<Stream, number>> | undefined {
    if (this.#busy !== undefined) return undefined;
    const { telemetry, urgent } = this.#states;
    return { telemetry: telemetry.sequence, urgent: urgent.sequence };
  }

  /** Resolves when everything offered so far is durable or counted as lost. */
  async settle(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  /** Gives up waiting for a disk that refuses; frames already written are found at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.settle();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0 || this.#overflow !== undefined) {
        await this.#commit(this.#waiting.splice(0, groupMax));
      }
    } finally {
      this.#busy = undefined;
    }
  }

  async #commit(cuts: readonly Cut[]): Promise<void> {
    const stamp = cuts.at(-1)?.stamp ?? this.#overflow?.stamp;
    if (stamp === undefined) return;
    const notices = this.#notices.splice(0).map((payload) => ({ payload, stamp }));
    const items = {
      telemetry: [...notices, ...cuts.flatMap(telemetryItems)],
      urgent: cuts.flatMap(urgentItems),
    };
    const close = strongest(cuts);
    const written = await Promise.all(
      streams.map((stream) => this.#write({ stream, items: items[stream], close, stamp })),
    );
    await this.#journal([...written, ...this.#takeOverflow()]);
  }

  /** What did not even fit into memory, after what was offered before it. */
  #takeOverflow(): readonly Staged[] {
    const overflow = this.#overflow;
    if (overflow === undefined || this.#waiting.length > 0) return [];
    this.#overflow = undefined;
    this.#options.logger.error("frames not kept", { reason: "the disk is too slow" });
    return streams.map((stream) => this.#lose(stream, overflow[stream]));
  }

  #lose(stream: Stream, losses: readonly Loss[]): Staged {
    const staged = stageLoss({
      stream,
      state: this.#states[stream],
      losses,
      cause: "disk-error",
    });
    this.#states[stream] = staged.state;
    return staged;
  }

  async #write(options: {
    stream: Stream;
    items: readonly LaneItem[];
    close: Cut["closeGap"];
    stamp: CutStamp;
  }): Promise<Staged> {
    const { stream, items } = options;
    try {
      const staged = this.#stage({ ...options, state: this.#states[stream] });
      await this.#options.queues[stream].append(staged.frames);
      this.#states[stream] = staged.state;
      return staged;
    } catch (thrown) {
      this.#options.logger.error("frames not kept", { stream, ...faultOf(thrown) });
      for (const { payload } of items) if (payload.type === "gap") this.#notices.push(payload);
      return this.#lose(
        stream,
        items.flatMap((item) => lossOf(item) ?? []),
      );
    }
  }

  #stage(options: {
    stream: Stream;
    state: LaneState;
    items: readonly LaneItem[];
    close: Cut["closeGap"];
    stamp: CutStamp;
  }): Staged {
    const { stream, state, items, stamp } = options;
    const { seal } = this.#options;
    const room = this.#room(stream);
    const staged = stageFrames({ stream, state, items, room, seal });
    const wanted = options.close === "always" || (options.close !== "never" && room >= closeRoom);
    if (!wanted || staged.state.gap === undefined) return staged;
    const closing = stageGapFrame({ stream, state: staged.state, seal, stamp });
    return {
      state: closing.state,
      frames: [...staged.frames, ...closing.frames],
      records: [...staged.records, ...closing.records],
    };
  }

  #room(stream: Stream): number {
    const queue = this.#options.queues[stream];
    const held = stream === "telemetry" ? queue.samples : queue.frames;
    return this.#options.roomMax[stream] - held;
  }

  /**
   * Frames may be sent only when the journal has them: their numbers must never be used again. So kept
   * frames wait for the journal; mere losses do not, they are written with the next frame.
   */
  async #journal(staged: readonly Staged[]): Promise<void> {
    const records = [...this.#unjournalled, ...staged.flatMap((lane) => lane.records)];
    if (records.length === 0) return;
    const kept = staged.some((lane) => lane.frames.length > 0);
    while (!(await this.#tryJournal(records))) {
      if (!kept || this.#closing) {
        this.#unjournalled = mergeSkips(records);
        return;
      }
      await new Promise<void>((resolve) => this.#options.clock.after(retry_ms, resolve));
    }
    this.#unjournalled = [];
    for (const stream of streams) this.#options.queues[stream].publish();
    this.#options.onJournalled(records);
  }

  async #tryJournal(records: readonly JournalRecord[]): Promise<boolean> {
    try {
      await this.#options.journal.append(records.map(encodeJournalRecord));
      return true;
    } catch (thrown) {
      this.#options.logger.error("journal not written", faultOf(thrown));
      return false;
    }
  }
}

/** One full frame must fit before a gap is declared over, or the next frame would open another. */
const closeRoom = 64;

/** Losses of many cuts as at most one per stream, so that they take no memory. */
interface Overflow extends Readonly<Record<Stream, readonly Loss[]>> {
  readonly stamp: CutStamp;
}

function addToOverflow(overflow: Overflow | undefined, cut: Cut): Overflow {
  const join = (stream: Stream, items: readonly LaneItem[]): readonly Loss[] => {
    const losses = [...(overflow?.[stream] ?? []), ...items.flatMap((item) => lossOf(item) ?? [])];
    const first = losses[0];
    if (first === undefined) return [];
    const samples = losses.reduce((sum, loss) => sum + loss.samples, 0);
    const to_ms = Math.max(...losses.map((loss) => loss.to_ms));
    return [{ ...first, samples, to_ms, stamp: cut.stamp }];
  };
  return {
    telemetry: join("telemetry", telemetryItems({ ...cut, notices: [] })),
    urgent: join("urgent", urgentItems(cut)),
    stamp: cut.stamp,
  };
}

function telemetryItems(cut: Cut): readonly LaneItem[] {
  const { stamp, telemetry, notices } = cut;
  const payloads = telemetry === undefined ? notices : [...notices, telemetry];
  return payloads.map((payload) => ({ payload, stamp }));
}

function urgentItems(cut: Cut): readonly LaneItem[] {
  return cut.alarms.map((payload) => ({ payload, stamp: cut.stamp }));
}

function strongest(cuts: readonly Cut[]): Cut["closeGap"] {
  if (cuts.some((cut) => cut.closeGap === "always")) return "always";
  return cuts.some((cut) => cut.closeGap === "when-there-is-room") ? "when-there-is-room" : "never";
}
