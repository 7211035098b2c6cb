import { accepted, type Outcome, refused } from "@voltfog/runtime";

/** Who somebody with a token is. What each may read is in api/route-roles.ts. */
export const tokenRoles = [
  "operator",
  "driver",
  "pile-owner",
  "fleet-engineer",
  "charge-point-operator",
  "grid-company",
  "manufacturer",
  "recycler",
  "authority",
  "auditor",
] as const;

export type TokenRole = (typeof tokenRoles)[number];

/** One token as the cloud knows it: not the token, only what recognises it. */
export interface TokenRow {
  readonly id: string;
  /** SHA-256 of the token's text, 64 digits of lower-case hex. */
  readonly hash: string;
  readonly role: TokenRole;
  /** The fleet that it is meant for. */
  readonly fleet?: string;
  /** From then on it is refused, milliseconds since the Unix epoch. */
  readonly expires_ms: number;
  /** Since then it is refused, and whoever shows it is told so. */
  readonly revoked_ms?: number;
}

export interface TokenFileProblem {
  readonly code: "TOKENS_MALFORMED" | "TOKENS_VERSION" | "TOKEN_ROW_INVALID" | "TOKEN_TWICE";
  readonly detail: string;
}

/** 1 knew no revoked tokens: they were taken out. */
const versions: readonly unknown[] = [1, 2];
const version = 2;
/** Each request is compared with every token. */
const tokensMax = 1000;
const identifier = /^[a-z][a-z0-9-]{0,31}$/;
const sha256Hex = /^[0-9a-f]{64}$/;
const fieldNames = new Set(["id", "hash", "role", "fleet", "expires_ms", "revoked_ms"]);

export function isTokenRole(value: unknown): value is TokenRole {
  return tokenRoles.some((role) => role === value);
}

/** The text of a token file {version, tokens}; at most 1000 tokens. */
export function encodeTokenFile(tokens: readonly TokenRow[]): string {
  return `${JSON.stringify({ version, tokens }, null, 2)}\n`;
}

/** Reads a token file. Strict: an unknown field, a doubled id or a doubled hash refuses all of it. */
export function parseTokenFile(text: string): Outcome<readonly TokenRow[], TokenFileProblem> {
  const file = fieldsOf(jsonOf(text));
  if (file === undefined) return malformed("it is no JSON object");
  if (!versions.includes(file["version"])) {
    const detail = `it is of version ${JSON.stringify(file["version"])}, not ${version} or before`;
    return refused({ code: "TOKENS_VERSION", detail });
  }
  const { tokens } = file;
  if (!Array.isArray(tokens) || Object.keys(file).length !== 2) {
    return malformed("it is not {version, tokens}");
  }
  if (tokens.length > tokensMax) return malformed(`more than ${tokensMax} tokens`);
  const rows: TokenRow[] = [];
  const seen = new Set<string>();
  for (const [index, item] of tokens.entries()) {
    const row = rowOf(item);
    if (row === undefined) {
      return refused({ code: "TOKEN_ROW_INVALID", detail: `token ${index} is not as it must be` });
    }
    if (seen.has(row.id) || seen.has(row.hash)) {
      return refused({ code: "TOKEN_TWICE", detail: `token ${index} has an id or hash before it` });
    }
    seen.add(row.id).add(row.hash);
    rows.push(row);
  }
  return accepted(rows);
}

function malformed(detail: string): { readonly ok: false; readonly problem: TokenFileProblem } {
  return refused({ code: "TOKENS_MALFORMED", detail });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

function rowOf(item: unknown): TokenRow | undefined {
  const fields = fieldsOf(item);
  if (fields === undefined || Object.keys(fields).some((name) => !fieldNames.has(name))) {
    return undefined;
  }
  const { id, hash, role, fleet, expires_ms, revoked_ms } = fields;
  if (!matches(identifier, id) || !matches(sha256Hex, hash) || !isTokenRole(role)) return undefined;
  if (!isInstant(expires_ms) || !(revoked_ms === undefined || isInstant(revoked_ms))) {
    return undefined;
  }
  const row = { id, hash, role, expires_ms, ...(revoked_ms === undefined ? {} : { revoked_ms }) };
  if (fleet === undefined) return row;
  return matches(identifier, fleet) ? { ...row, fleet } : undefined;
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === "string" && pattern.test(value);
}
