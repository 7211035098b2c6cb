import { type GapCause, type Payload, type Stream, sampleCount } from "@voltfog/messages";
import type { CutStamp } from "../framing/cut.ts";
import type { FrameSealer } from "../framing/frame-sealer.ts";
import { type JournalRecord, noCommitment, type StoredFrame } from "./journal-record.ts";
import { extendGap, gapPayload, type OpenGap } from "./open-gap.ts";

/** Where a stream's chain stands. */
export interface LaneState {
  /** The last number that was used, by a kept frame or by a loss. */
  readonly sequence: number;
  /** Commitment of the last kept frame; zeros before the first. */
  readonly commitment: Uint8Array;
  readonly gap: OpenGap | undefined;
}

export interface LaneItem {
  readonly payload: Payload;
  readonly stamp: CutStamp;
}

/** Frames to write, the journal's lines about them and about losses, and the state once both are durable. */
export interface Staged {
  readonly state: LaneState;
  readonly frames: readonly StoredFrame[];
  readonly records: readonly JournalRecord[];
}

export interface StageOptions {
  readonly stream: Stream;
  readonly state: LaneState;
  readonly items: readonly LaneItem[];
  /** Samples (urgent: frames) that may still be kept. */
  readonly room: number;
  readonly seal: FrameSealer;
}

/**
 * Seals the items in order while there is room. What does not fit uses up its number and opens a gap;
 * the next frame that fits, or a notice, is preceded by one gap frame that declares it. Changes nothing.
 */
export function stageFrames(options: StageOptions): Staged {
  const stage = new Stage(options);
  let room = options.room;
  for (const item of options.items) {
    const needed = roomFor(item.payload);
    if (needed > room) {
      const loss = lossOf(item);
      if (loss !== undefined) stage.lose(loss, "outbox-full");
      continue;
    }
    room -= needed;
    stage.closeGap(item.stamp);
    stage.keep(item);
  }
  return stage.result();
}

/** The frame that declares an open gap, and nothing else. */
export function stageGapFrame(
  options: Omit<StageOptions, "items" | "room"> & { stamp: CutStamp },
): Staged {
  const stage = new Stage(options);
  stage.closeGap(options.stamp);
  return stage.result();
}

/** Something that was cut and could not be kept. */
export interface Loss {
  readonly samples: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly stamp: CutStamp;
}

/** Every loss uses up one number and becomes part of the open gap. */
export function stageLoss(options: {
  stream: Stream;
  state: LaneState;
  losses: readonly Loss[];
  cause: GapCause;
}): Staged {
  const stage = new Stage(options);
  for (const loss of options.losses) stage.lose(loss, options.cause);
  return stage.result();
}

/** What is lost with an item; a notice loses nothing, its owner offers it again. */
export function lossOf(item: LaneItem): Loss | undefined {
  const { payload, stamp } = item;
  if (payload.type === "gap") return undefined;
  return { samples: sampleCount(payload), ...timesOf(payload), stamp };
}

/** Samples; an alarm frame counts one on its own stream; a gap frame always fits. */
function roomFor(payload: Payload): number {
  if (payload.type === "gap") return 0;
  return payload.type === "telemetry" ? payload.samples.length : 1;
}

class Stage {
  readonly #stream: Stream;
  readonly #seal: FrameSealer | undefined;
  #state: LaneState;
  readonly #frames: StoredFrame[] = [];
  readonly #records: JournalRecord[] = [];

  constructor(options: { stream: Stream; state: LaneState; seal?: FrameSealer }) {
    this.#stream = options.stream;
    this.#state = options.state;
    this.#seal = options.seal;
  }

  result(): Staged {
    return { state: this.#state, frames: this.#frames, records: this.#records };
  }

  keep(item: LaneItem): void {
    if (this.#seal === undefined) return;
    const { payload, stamp } = item;
    const sequence = this.#state.sequence + 1;
    const previous = this.#state.commitment;
    const sealed = this.#seal({ stream: this.#stream, sequence, previous, stamp, payload });
    const { commitment } = sealed;
    const record: JournalRecord = {
      kind: payload.type,
      stream: this.#stream,
      cause: payload.type === "gap" ? payload.cause : "outbox-full",
      boot: stamp.boot,
      sequence,
      firstSequence: firstNumberOf(payload) ?? sequence,
      samples: payload.type === "gap" ? payload.samples : sampleCount(payload),
      // A crash may keep this frame and not the telemetry cut with it: it vouches for no sample.
      lastSample: payload.type === "telemetry" ? stamp.lastSample : 0,
      ...timesOf(payload),
      commitment,
    };
    this.#frames.push({ record, frame: sealed.frame });
    this.#records.push(record);
    this.#state = { sequence, commitment, gap: undefined };
  }

  closeGap(stamp: CutStamp): void {
    const { gap } = this.#state;
    if (gap !== undefined) this.keep({ payload: gapPayload(gap), stamp });
  }

  lose(loss: Loss, cause: GapCause): void {
    const sequence = this.#state.sequence + 1;
    const { samples, from_ms, to_ms, stamp } = loss;
    this.#records.push({
      kind: "skipped",
      stream: this.#stream,
      cause,
      boot: stamp.boot,
      sequence,
      firstSequence: sequence,
      samples,
      lastSample: this.#stream === "telemetry" ? stamp.lastSample : 0,
      from_ms,
      to_ms,
      commitment: noCommitment,
    });
    const range = { firstSequence: sequence, lastSequence: sequence };
    const gap = extendGap(this.#state.gap, { ...range, samples, from_ms, to_ms, cause });
    this.#state = { ...this.#state, sequence, gap };
  }
}

function firstNumberOf(payload: Payload): number | undefined {
  return payload.type === "gap" && payload.firstSequence > 0 ? payload.firstSequence : undefined;
}

function timesOf(payload: Payload): { from_ms: number; to_ms: number } {
  switch (payload.type) {
    case "telemetry":
      return {
        from_ms: payload.samples[0]?.wall_ms ?? 0,
        to_ms: payload.samples.at(-1)?.wall_ms ?? 0,
      };
    case "alarm":
      return { from_ms: payload.wall_ms, to_ms: payload.wall_ms };
    case "gap":
      return { from_ms: payload.from_ms, to_ms: payload.to_ms };
  }
}
