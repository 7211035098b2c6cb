import {
  accepted,
  fromHex,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import type { BatteryEvent, EventState } from "./battery-event.ts";
import { streams } from "./frame.ts";
import { isRecord } from "./json-object.ts";
import type { AlarmLevel } from "./payload.ts";

/**
 * What whoever maintains the fleet was told about a vehicle, on its way to the unit that records it: an alert
 * that began, grew, was escalated (asserted) or is over (cleared).
 */
export interface MaintenanceNotice {
  /** The same however often it is sent: 1 to 48 of a–z, 0–9 and hyphen. */
  readonly id: string;
  readonly vehicleId: string;
  readonly state: EventState;
  readonly level: AlarmLevel;
  readonly value: number;
  readonly limit: number;
  /** Unit of value and limit; at most 16 characters. */
  readonly unit: string;
  /** When it was so. */
  readonly at_ms: number;
  /** The frame that it rests on. */
  readonly frame: BatteryEvent["frame"];
  /** In words, for people; at most 1000 characters. */
  readonly sentence: string;
}

type Check = (value: unknown) => boolean;

const idPattern = /^[a-z0-9-]{1,48}$/;
const finite: Check = (value) => Number.isFinite(value);
const text =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const whole =
  (min: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min;

const frameChecks: Readonly<Record<keyof BatteryEvent["frame"], Check>> = {
  stream: (value) => streams.some((stream) => stream === value),
  sequence: whole(1),
  commitment: (value) => typeof value === "string" && fromHex(value)?.length === 32,
};

const checks: Readonly<Record<keyof MaintenanceNotice, Check>> = {
  id: text(idPattern),
  vehicleId: text(identifierPattern),
  state: (value) => value === "asserted" || value === "cleared",
  level: (value) => value === 1 || value === 2 || value === 3,
  value: finite,
  limit: finite,
  unit: text(/^.{0,16}$/s),
  at_ms: whole(0),
  frame: (value) => wrongField(value, frameChecks) === undefined,
  sentence: text(/^.{1,1000}$/s),
};

/** The notice in a value that came as JSON. Strict: unknown, missing and wrong fields are MALFORMED. */
export function parseMaintenanceNotice(
  value: unknown,
): Outcome<MaintenanceNotice, MalformedProblem> {
  const wrong = wrongField(value, checks);
  if (wrong === undefined) return accepted(value as MaintenanceNotice);
  return refused({ code: "MALFORMED", detail: `notice: ${wrong} is not as it must be` });
}

function wrongField(value: unknown, fields: Readonly<Record<string, Check>>): string | undefined {
  if (!isRecord(value)) return "the object";
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
  if (unknown !== undefined) return unknown.slice(0, 64);
  return Object.entries(fields).find(([key, holds]) => !holds(value[key]))?.[0];
}
