import type { Stream } from "@voltfog/messages";
import { type JournalRecord, noCommitment } from "./journal-record.ts";
import { extendGap } from "./open-gap.ts";
import type { LaneState } from "./stage-frames.ts";

interface LaneHistory {
  state: LaneState;
  /** Up to here frames are acknowledged; undefined when the cursor is lost. */
  readonly acknowledged: number | undefined;
  /** Kept frames that should still be in the outbox, by sequence number. */
  readonly expected: Map<number, JournalRecord>;
  firstHeld: number | undefined;
  /** In the outbox, not in the journal. */
  readonly missing: JournalRecord[];
}

/** What journal and outbox say together about a vehicle's past. First all of the journal, then the outbox. */
export class JournalHistory {
  boot = 0;
  lastSample = 0;
  /** Up to which time samples, losses and pauses are on record. */
  last_ms = 0;
  readonly #lanes: Readonly<Record<Stream, LaneHistory>>;

  constructor(acknowledged: (stream: Stream) => number | undefined) {
    const lane = (stream: Stream): LaneHistory => ({
      state: { sequence: 0, commitment: noCommitment, gap: undefined },
      acknowledged: acknowledged(stream),
      expected: new Map(),
      firstHeld: undefined,
      missing: [],
    });
    this.#lanes = { telemetry: lane("telemetry"), urgent: lane("urgent") };
  }

  addJournalled(record: JournalRecord): void {
    this.#note(record);
    const lane = this.#lanes[record.stream];
    switch (record.kind) {
      case "boot":
        return;
      case "skipped":
        lane.state = afterLoss(lane.state, record);
        return;
      case "lost":
        for (const sequence of lane.expected.keys()) {
          if (sequence >= record.firstSequence && sequence <= record.sequence) {
            lane.expected.delete(sequence);
          }
        }
        return;
      default:
        lane.state = { sequence: record.sequence, commitment: record.commitment, gap: undefined };
        if (record.sequence <= (lane.acknowledged ?? 0)) return;
        // Without the commitment, which would be most of the memory.
        lane.expected.set(record.sequence, { ...record, commitment: noCommitment });
    }
  }

  addHeld(record: JournalRecord): void {
    const lane = this.#lanes[record.stream];
    lane.firstHeld ??= record.sequence;
    lane.expected.delete(record.sequence);
    if (record.sequence <= lane.state.sequence) return;
    this.#note(record);
    lane.missing.push(record);
    lane.state = { sequence: record.sequence, commitment: record.commitment, gap: undefined };
  }

  state(stream: Stream): LaneState {
    return this.#lanes[stream].state;
  }

  /** Lines that a crash kept from the journal although their frames are durable. */
  missing(): readonly JournalRecord[] {
    return Object.values(this.#lanes).flatMap((lane) => lane.missing);
  }

  /**
   * One line per run of frames that are neither acknowledged nor in the outbox. Without the cursor,
   * frames before the oldest one in the outbox count as acknowledged: a segment is deleted only then.
   */
  lostFrames(): readonly JournalRecord[] {
    return Object.values(this.#lanes).flatMap((lane) => {
      const from = lane.acknowledged === undefined ? (lane.firstHeld ?? Number.MAX_VALUE) : 0;
      const gone = [...lane.expected.values()].filter(({ sequence }) => sequence > from);
      return runs(gone);
    });
  }

  #note(record: JournalRecord): void {
    this.boot = Math.max(this.boot, record.boot);
    this.lastSample = Math.max(this.lastSample, record.lastSample);
    this.last_ms = Math.max(this.last_ms, record.to_ms);
  }
}

function afterLoss(state: LaneState, record: JournalRecord): LaneState {
  const { firstSequence, sequence, samples, from_ms, to_ms, cause } = record;
  const loss = { firstSequence, lastSequence: sequence, samples, from_ms, to_ms, cause };
  return { ...state, sequence, gap: extendGap(state.gap, loss) };
}

/** A lost gap frame counts too: what it declared is declared again. */
function runs(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const joined: JournalRecord[] = [];
  for (const record of records) {
    const before = joined.at(-1);
    if (before !== undefined && before.sequence + 1 === record.firstSequence) {
      joined[joined.length - 1] = {
        ...before,
        sequence: record.sequence,
        samples: before.samples + record.samples,
        to_ms: record.to_ms,
      };
    } else {
      joined.push({
        ...record,
        kind: "lost",
        cause: "disk-error",
        samples: record.samples,
        commitment: noCommitment,
      });
    }
  }
  return joined;
}
