import type { Stream } from "@voltfog/messages";

export interface JournalledFrame {
  readonly vehicleId: string;
  readonly stream: Stream;
  /**
   * telemetry, alarm, gap: a frame that was cut and kept. skipped: numbers that were used up by frames
   * that could not be kept; a later gap frame declares them.
   */
  readonly kind: "telemetry" | "alarm" | "gap" | "skipped";
  readonly boot: number;
  readonly sequence: number;
  /** telemetry: samples inside; gap: samples it declares lost; skipped: samples lost; alarm: 0. */
  readonly samples: number;
  /** Commitment in hex; empty for skipped. */
  readonly commitment: string;
  readonly wall_ms: number;
}

export type HeldFrame = Pick<
  JournalledFrame,
  "vehicleId" | "stream" | "kind" | "sequence" | "samples" | "commitment"
>;

/** What one vehicle's agent ever cut, read without its help and without locks. */
export interface EdgeJournal {
  readonly vehicleId: string;
  /** Every record in the order it was cut. */
  frames(): Generator<JournalledFrame>;
  /** Frames that no unit has acknowledged yet, in order. */
  outbox(): Generator<HeldFrame>;
  /** Samples of skipped frames that no gap frame has declared yet. */
  openGapSamples(): number;
  /** Samples taken but in no frame yet; above 0 only after a kill. */
  unframedSamples(): number;
}

/** The journal of one vehicle's folder `<dataDir>/<vehicleId>`. */
export function openEdgeJournal(_folder: string): EdgeJournal {
  throw new Error("being written");
}
