import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";
import type { Caller } from "./caller.ts";
import { isTokenRole } from "./token-file.ts";

/** Who signed in on the pages, as the cloud keeps it: nothing in it lets anybody in. */
export interface SessionRow {
  /** SHA-256 of the cookie's value, 64 digits of lower-case hex. */
  readonly hash: string;
  /** SHA-256 of the token that it began with; null where it was a login of another system. */
  readonly tokenHash: string | null;
  readonly caller: Caller;
  readonly created_ms: number;
  readonly expires_ms: number;
}

export interface SessionFileProblem {
  readonly code: "SESSIONS_INVALID";
  readonly detail: string;
}

const version = 1;
export const sessionsMax = 2000;
const sha256Hex = /^[0-9a-f]{64}$/;
const callerIdMax = 200;
const fieldNames = ["hash", "tokenHash", "caller", "created_ms", "expires_ms"];

/** The text of the file {version, sessions}; at most 2,000 sessions. */
export function encodeSessionFile(sessions: readonly SessionRow[]): string {
  return `${JSON.stringify({ version, sessions })}\n`;
}

/** Reads the file of sessions. Strict: one row that is not as it must be refuses all of it. */
export function parseSessionFile(text: string): Outcome<readonly SessionRow[], SessionFileProblem> {
  const file = fieldsOf(jsonOf(text), ["version", "sessions"]);
  if (file === undefined) return invalid("it is not {version, sessions}");
  const { sessions } = file;
  if (file["version"] !== version) return invalid(`it is not of version ${version}`);
  if (!Array.isArray(sessions) || sessions.length > sessionsMax) {
    return invalid(`it is no list of at most ${sessionsMax} sessions`);
  }
  const rows = new Map<string, SessionRow>();
  for (const [place, item] of sessions.entries()) {
    const row = rowOf(item);
    if (row === undefined || rows.has(row.hash)) return invalid(`session ${place} is none`);
    rows.set(row.hash, row);
  }
  return accepted([...rows.values()]);
}

function invalid(detail: string): { readonly ok: false; readonly problem: SessionFileProblem } {
  return refused({ code: "SESSIONS_INVALID", detail });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(
  value: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const known = Object.keys(value).every((name) => names.includes(name));
  return known ? (value as Record<string, unknown>) : undefined;
}

function rowOf(item: unknown): SessionRow | undefined {
  const fields = fieldsOf(item, fieldNames);
  const caller = callerOf(fields?.["caller"]);
  if (fields === undefined || caller === undefined) return undefined;
  const { hash, tokenHash, created_ms, expires_ms } = fields;
  if (!isHash(hash) || !(tokenHash === null || isHash(tokenHash))) return undefined;
  if (!isInstant(created_ms) || !isInstant(expires_ms)) return undefined;
  return { hash, tokenHash, caller, created_ms, expires_ms };
}

function callerOf(value: unknown): Caller | undefined {
  const fields = fieldsOf(value, ["id", "role", "fleet"]);
  if (fields === undefined) return undefined;
  const { id, role, fleet } = fields;
  if (typeof id !== "string" || id === "" || id.length > callerIdMax) return undefined;
  if (!isTokenRole(role)) return undefined;
  if (fleet === undefined) return { id, role };
  return typeof fleet === "string" && identifierPattern.test(fleet)
    ? { id, role, fleet }
    : undefined;
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && sha256Hex.test(value);
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
