import {
  accepted,
  equalBytes,
  fromHex,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import { type BatteryEvent, eventClasses, eventDetail } from "./battery-event.ts";
import { dataOrigins } from "./battery-sample.ts";
import { streams } from "./frame.ts";
import { isRecord, parseJsonObject } from "./json-object.ts";

type Check = (value: unknown) => boolean;

const detailMax_bytes = 8192;

const oneOf =
  (known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value);
const text =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= max;
const identifier: Check = (value) => typeof value === "string" && identifierPattern.test(value);
const hash: Check = (value) => typeof value === "string" && fromHex(value)?.length === 32;
const finite: Check = (value) => Number.isFinite(value);
const whole =
  (min: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= min;

/** Fields that older events lack. */
const optionalFields: ReadonlySet<string> = new Set(["condition", "standing"]);
const conditionPattern = /^[a-z][a-z0-9 -]{0,63}$/;

const frameChecks: Readonly<Record<keyof BatteryEvent["frame"], Check>> = {
  stream: oneOf(streams),
  sequence: whole(1),
  commitment: hash,
};

const checks: Readonly<Record<keyof BatteryEvent, Check>> = {
  id: hash,
  class: oneOf(eventClasses),
  state: oneOf(["asserted", "cleared"]),
  level: oneOf([1, 2, 3]),
  condition: (value) => typeof value === "string" && conditionPattern.test(value),
  standing: oneOf([0, 1, 2, 3]),
  vehicleId: identifier,
  unitId: identifier,
  functionId: text(64),
  functionVersion: text(32),
  cell: (value) => value === null || whole(0)(value),
  value: finite,
  limit: finite,
  unit: text(16),
  at_ms: whole(0),
  frame: (value) => fault(value, frameChecks) === undefined,
  origin: oneOf(dataOrigins),
  sentence: text(1000),
};

/** The first field that is missing, unknown or not as it must be. */
function fault(value: unknown, fields: Readonly<Record<string, Check>>): string | undefined {
  if (!isRecord(value)) return "the object";
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
  if (unknown !== undefined) return unknown;
  return Object.entries(fields).find(([key, holds]) =>
    Object.hasOwn(value, key) ? !holds(value[key]) : !optionalFields.has(key),
  )?.[0];
}

/** The event in a value that came as JSON. Strict: unknown, missing and wrong fields are MALFORMED. */
export function parseBatteryEvent(value: unknown): Outcome<BatteryEvent, MalformedProblem> {
  const wrong = fault(value, checks);
  if (wrong !== undefined) {
    return refused({ code: "MALFORMED", detail: `event: ${wrong} is not as it must be` });
  }
  return accepted(value as BatteryEvent);
}

/**
 * The event in its detail bytes, with the id given. Strict: bytes that are not the canonical JSON of an
 * event are MALFORMED. Whether the id belongs to them is the caller's to check with eventId.
 */
export function parseEventDetail(options: {
  detail: Uint8Array;
  id: string;
}): Outcome<BatteryEvent, MalformedProblem> {
  const parsed = parseJsonObject({ bytes: options.detail, limit_bytes: detailMax_bytes });
  if (!parsed.ok) return parsed;
  if (Object.hasOwn(parsed.value, "id")) {
    return refused({ code: "MALFORMED", detail: "event: the detail names an id" });
  }
  const event = parseBatteryEvent({ ...parsed.value, id: options.id });
  if (event.ok && !equalBytes(eventDetail(event.value), options.detail)) {
    return refused({ code: "MALFORMED", detail: "event: the detail is not canonical JSON" });
  }
  return event;
}
