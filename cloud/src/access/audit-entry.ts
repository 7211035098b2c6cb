import { accepted, type Outcome, refused, utf8 } from "@voltfog/runtime";

/** One access to what vehicles said, or a try. */
export interface AuditEntry {
  readonly at_ms: number;
  /** Id of the token, `anonymous`, or `oidc:` with the login's subject. */
  readonly caller: string;
  readonly role: string;
  /** The fleet that the caller is kept to. */
  readonly fleet: string | null;
  readonly method: string;
  /** As it is registered, without the values. */
  readonly route: string;
  /** `*`: every vehicle that the caller may see. */
  readonly vehicleId: string;
  /** False: it was answered as if the vehicle did not exist. */
  readonly granted: boolean;
  /** How often within a minute, up to `at_ms`. */
  readonly times: number;
}

export interface AuditProblem {
  readonly code: "AUDIT_ENTRY_INVALID";
}

const version = 1;
const textMax = 200;
const names = ["caller", "role", "method", "route", "vehicleId"] as const;

export function encodeAuditEntry(entry: AuditEntry): Uint8Array {
  return utf8(JSON.stringify({ version, ...entry }));
}

export function decodeAuditEntry(bytes: Uint8Array): Outcome<AuditEntry, AuditProblem> {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields["version"] !== version) return invalid;
  const { at_ms, fleet, granted, times } = fields;
  if (!isWhole(at_ms) || !isWhole(times) || times < 1 || typeof granted !== "boolean") {
    return invalid;
  }
  if (fleet !== null && !isText(fleet)) return invalid;
  const [caller, role, method, route, vehicleId] = names.map((name) => fields[name]);
  if (!isText(caller) || !isText(role) || !isText(method)) return invalid;
  if (!isText(route) || !isText(vehicleId)) return invalid;
  return accepted({ at_ms, caller, role, fleet, method, route, vehicleId, granted, times });
}

const invalid: Outcome<never, AuditProblem> = refused({ code: "AUDIT_ENTRY_INVALID" });

function fieldsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= textMax;
}
