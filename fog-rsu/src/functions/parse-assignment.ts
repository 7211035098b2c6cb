import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";
import type { Assignment, AssignmentProblem } from "./assignment.ts";

/** Limits of one assignment; a longer list is refused. */
export const assignmentLimits = {
  functions: 64,
  vehicles: 100_000,
  peers: 1000,
  settings: 32,
  text: 500,
} as const;

type Check = (value: unknown) => boolean;

interface Field {
  readonly holds: Check;
  readonly isOptional?: boolean;
}

const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const text =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length > 0 && value.length <= max;
const identifier: Check = (value) => typeof value === "string" && identifierPattern.test(value);
const listOf =
  (max: number, holds: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(holds);
const recordOf =
  (max: number, options: { key: Check; value: Check }): Check =>
  (value) => {
    if (!isRecord(value)) return false;
    const entries = Object.entries(value);
    return (
      entries.length <= max && entries.every(([key, one]) => options.key(key) && options.value(one))
    );
  };
const objectOf =
  (fields: Readonly<Record<string, Field>>): Check =>
  (value) =>
    fault(value, fields) === undefined;

const settingName: Check = (value) => /^[a-z][A-Za-z0-9_]{0,31}$/.test(String(value));
/** What a peer's address may be: the link to it is mutual TLS and nothing else. */
const backboneUrl: Check = (value) =>
  typeof value === "string" && value.length <= 256 && /^https:\/\/[^\s/]+\/?$/.test(value);

const { functions, vehicles, peers, settings, text: textMax } = assignmentLimits;
const vehicleList = listOf(vehicles, identifier);

const functionFields: Readonly<Record<string, Field>> = {
  id: { holds: text(64) },
  version: { holds: text(32), isOptional: true },
  vehicles: { holds: vehicleList },
  standby: { holds: vehicleList, isOptional: true },
  settings: {
    holds: recordOf(vehicles, {
      key: identifier,
      value: recordOf(settings, { key: settingName, value: Number.isFinite }),
    }),
    isOptional: true,
  },
  because: {
    holds: recordOf(vehicles, { key: identifier, value: text(textMax) }),
    isOptional: true,
  },
};

const fields: Readonly<Record<string, Field>> = {
  term: { holds: whole, isOptional: true },
  controllerId: { holds: identifier, isOptional: true },
  version: { holds: whole },
  peers: {
    holds: listOf(peers, objectOf({ unitId: { holds: identifier }, url: { holds: backboneUrl } })),
    isOptional: true,
  },
  functions: { holds: listOf(functions, objectOf(functionFields)) },
  states: {
    holds: recordOf(vehicles, { key: identifier, value: identifier }),
    isOptional: true,
  },
};

/**
 * The assignment in a value that came as JSON. Strict: unknown, missing and wrong fields are
 * ASSIGNMENT_INVALID, and so is a function that is named twice. What a function can run and which values its
 * settings may have is the host's to check.
 */
export function parseAssignment(value: unknown): Outcome<Assignment, AssignmentProblem> {
  const wrong = fault(value, fields);
  if (wrong !== undefined) return invalid(`${wrong.slice(0, 64)} is not as it must be`);
  const assignment = value as Assignment;
  const ids = new Set(assignment.functions.map(({ id }) => id));
  if (ids.size < assignment.functions.length) return invalid("a function is named twice");
  return accepted(assignment);
}

function invalid(detail: string): Outcome<never, AssignmentProblem> {
  return refused({ code: "ASSIGNMENT_INVALID", detail: `assignment: ${detail}` });
}

/** The first field that is missing, unknown or not as it must be. */
function fault(value: unknown, known: Readonly<Record<string, Field>>): string | undefined {
  if (!isRecord(value)) return "the object";
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined) return unknown;
  return Object.entries(known).find(([key, { holds, isOptional }]) =>
    Object.hasOwn(value, key) ? !holds(value[key]) : isOptional !== true,
  )?.[0];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
