import type { BatterySample, DataOrigin } from "./battery-sample.ts";

/** 1 to 64 readings, all with the same number of cells and of temperature sensors. */
export interface TelemetryPayload {
  readonly type: "telemetry";
  readonly origin: DataOrigin;
  /** In words what was measured, replayed or simulated, e.g. "LG HG2 US06 25 degC"; at most 255 bytes. */
  readonly source: string;
  readonly samples: readonly BatterySample[];
}

export type AlarmClass =
  | "cell-over-voltage"
  | "cell-under-voltage"
  | "over-temperature"
  | "under-temperature"
  | "temperature-rise"
  | "over-current";

/** 1 information, 2 warning, 3 fatal. */
export type AlarmLevel = 1 | 2 | 3;

/** A limit was passed. The telemetry frame that holds the reading is cut at the same time. */
export interface AlarmPayload {
  readonly type: "alarm";
  readonly origin: DataOrigin;
  readonly alarm: AlarmClass;
  readonly level: AlarmLevel;
  /** Index of the cell or of the sensor; 0 where the class concerns the whole pack. */
  readonly cell: number;
  /** In the unit of the class: V, °C, °C/s or A; in steps of a thousandth. */
  readonly value: number;
  readonly limit: number;
  readonly wall_ms: number;
}

export type GapCause = "outbox-full" | "agent-restart" | "disk-error";

/** What the vehicle knows to be missing. Its frame takes the place after the skipped numbers. */
export interface GapPayload {
  readonly type: "gap";
  /** The numbers never sent, both inclusive; 0 and 0 where no numbers were skipped. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** How many readings were lost. */
  readonly samples: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly cause: GapCause;
}

export type Payload = TelemetryPayload | AlarmPayload | GapPayload;

export interface PayloadProblem {
  readonly code: "PAYLOAD_VERSION_UNKNOWN" | "PAYLOAD_MALFORMED";
  readonly detail: string;
}

/** How many readings the payload carries: those of a telemetry payload, else none. */
export function sampleCount(payload: Payload): number {
  return payload.type === "telemetry" ? payload.samples.length : 0;
}
