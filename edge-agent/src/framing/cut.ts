import type { AlarmPayload, GapPayload, TelemetryPayload } from "@voltfog/messages";

/** When and by which run of the agent something was cut. */
export interface CutStamp {
  readonly boot: number;
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  /** How many samples the vehicle had ever taken, those of this cut included. */
  readonly lastSample: number;
}

/** What the framing stage hands on at one moment; the outbox makes frames of it and keeps them. */
export interface Cut {
  readonly stamp: CutStamp;
  readonly telemetry: TelemetryPayload | undefined;
  readonly alarms: readonly AlarmPayload[];
  /** Losses outside the sequence numbers (0 and 0): the time between two runs, a damaged disk. */
  readonly notices: readonly GapPayload[];
  /** Declare an open gap now: "always" when stopping, "when-there-is-room" when a unit took frames. */
  readonly closeGap: "never" | "when-there-is-room" | "always";
}
