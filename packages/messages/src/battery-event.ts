import { type Crypto, toHex, utf8 } from "@voltfog/runtime";
import type { DataOrigin } from "./battery-sample.ts";
import type { Stream } from "./frame.ts";
import { canonicalJson } from "./json-object.ts";
import type { AlarmLevel } from "./payload.ts";

export type EventClass =
  | "thermal-alert"
  | "overcharge"
  | "deep-discharge"
  | "gap-declared"
  | "vehicle-alarm"
  | "cell-anomaly"
  | "cell-imbalance"
  | "temperature-regulation"
  | "charging-control"
  | "function-change"
  | "quarantine"
  | "maintenance-notice";

export const eventClasses: readonly EventClass[] = [
  "thermal-alert",
  "overcharge",
  "deep-discharge",
  "gap-declared",
  "vehicle-alarm",
  "cell-anomaly",
  "cell-imbalance",
  "temperature-regulation",
  "charging-control",
  "function-change",
  "quarantine",
  "maintenance-notice",
];

/**
 * Classes that tell of what was done about a pack or its vehicle, by the unit or by whoever maintains it, not of
 * something that is wrong with the pack.
 */
export const noticeClasses: readonly EventClass[] = [
  "gap-declared",
  "cell-imbalance",
  "temperature-regulation",
  "charging-control",
  "function-change",
  "quarantine",
  "maintenance-notice",
];

/** The level that stands after the event; 0 when its condition is over. */
export function standingLevel(
  event: Pick<BatteryEvent, "standing" | "state" | "level">,
): 0 | AlarmLevel {
  return event.standing ?? (event.state === "asserted" ? event.level : 0);
}

export type EventState = "asserted" | "cleared";

/** A journalled finding: what a function on a unit says about one vehicle, with the reading it rests on. */
export interface BatteryEvent {
  /** SHA-256 of salt and detail, 32 bytes in lower-case hex. */
  readonly id: string;
  readonly class: EventClass;
  readonly state: EventState;
  /** The level reached, or the one that was left. */
  readonly level: AlarmLevel;
  /** Tells apart the conditions of one class and function; absent in events before 2026-11. */
  readonly condition?: string;
  /** Level that stands after the event, 0 when the condition is over; absent in events before 2026-11. */
  readonly standing?: 0 | AlarmLevel;
  readonly vehicleId: string;
  readonly unitId: string;
  readonly functionId: string;
  readonly functionVersion: string;
  /** Index of the cell or of the sensor, or null where the event concerns none. */
  readonly cell: number | null;
  readonly value: number;
  readonly limit: number;
  /** Unit of value and limit: "V", "degC", "degC/s", "A", … */
  readonly unit: string;
  readonly at_ms: number;
  /** The frame that holds the reading. */
  readonly frame: {
    readonly stream: Stream;
    readonly sequence: number;
    /** 32 bytes in lower-case hex. */
    readonly commitment: string;
  };
  readonly origin: DataOrigin;
  /** The event in words, for people. */
  readonly sentence: string;
}

/** What is hashed into the id: the event without its id, as JSON with sorted keys and no spaces. */
export function eventDetail(event: Omit<BatteryEvent, "id">): Uint8Array {
  return utf8(canonicalJson({ ...event, id: undefined }));
}

/** SHA-256 of salt and detail, lower-case hex. The 16-byte salt keeps the detail from being guessed. */
export function eventId(options: { detail: Uint8Array; salt: Uint8Array; crypto: Crypto }): string {
  return toHex(options.crypto.sha256(options.salt, options.detail));
}
