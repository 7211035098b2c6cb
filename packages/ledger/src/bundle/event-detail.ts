import { accepted, equalBytes, type Outcome, refused, utf8 } from "@voltfog/runtime";
import {
  type EventClassName,
  type EventStateName,
  eventClasses,
  eventStates,
} from "../modules/events.ts";

/** The fields of an event's detail that a proof compares. */
export interface EventDetail {
  readonly class: EventClassName;
  readonly state: EventStateName;
  readonly level: 1 | 2 | 3;
  readonly vehicleId: unknown;
  readonly unitId: unknown;
  readonly frame: Readonly<Record<string, unknown>>;
  /** Everything that the detail says. */
  readonly content: Readonly<Record<string, unknown>>;
}

const depthMax = 8;

/** Reads canonical JSON only: keys sorted, no spaces, each key once. */
export function readEventDetail(bytes: Uint8Array): Outcome<EventDetail> {
  const content = parseCanonical(bytes);
  if (!isRecord(content)) return malformed("not an object in canonical JSON");
  const eventClass = eventClasses.find((name) => name === content["class"]);
  const state = eventStates.find((name) => name === content["state"]);
  const level = ([1, 2, 3] as const).find((number) => number === content["level"]);
  const frame = content["frame"];
  if (eventClass === undefined) return malformed("class is unknown");
  if (state === undefined) return malformed("state is unknown");
  if (level === undefined) return malformed("level is not 1, 2 or 3");
  if (!isRecord(frame)) return malformed("frame is missing");
  const { vehicleId, unitId } = content as { vehicleId?: unknown; unitId?: unknown };
  return accepted({ class: eventClass, state, level, vehicleId, unitId, frame, content });
}

function malformed(detail: string): Outcome<never> {
  return refused({ code: "MALFORMED", detail });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseCanonical(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return equalBytes(utf8(canonicalJson(value, 0)), bytes) ? value : undefined;
  } catch {
    return undefined; // Not UTF-8, not JSON or too deep.
  }
}

function canonicalJson(value: unknown, depth: number): string {
  if (depth > depthMax) throw new RangeError("too deep");
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], depth + 1)}`);
  return `{${fields.join(",")}}`;
}
