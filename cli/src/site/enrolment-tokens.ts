import { accepted, identifierPattern, type Outcome, refused } from "@voltfog/runtime";

/** A token that was given out and not used: its SHA-256 only, the vehicle it is for, and its end. */
export interface EnrolmentToken {
  /** 64 lower-case hex digits. */
  readonly hash: string;
  readonly vehicle: string;
  /** Whose vehicle it will be. */
  readonly fleet?: string;
  readonly expires_ms: number;
}

type BookProblem = { readonly code: "ENROLMENT_TOKENS_INVALID"; readonly detail: string };
type TokenProblem = { readonly code: "TOKEN_UNKNOWN" | "TOKEN_EXPIRED" };

/** More vehicles than one operator enrols at a time. */
export const enrolmentTokensMax = 1000;
const version = 1;
const hashPattern = /^[0-9a-f]{64}$/;

/** The text of the file that holds the tokens. */
export function encodeEnrolmentTokens(tokens: readonly EnrolmentToken[]): string {
  return `${JSON.stringify({ version, tokens }, null, 2)}\n`;
}

/** The tokens in a file's text. At most 1000, each hash once, so that a token opens one vehicle only. */
export function parseEnrolmentTokens(
  text: string,
): Outcome<readonly EnrolmentToken[], BookProblem> {
  const read = readJson(text);
  if (!isRecord(read)) return invalid("it is no JSON object");
  if (read["version"] !== version) return invalid(`its version is not ${version}`);
  const rows = read["tokens"];
  if (!Array.isArray(rows)) return invalid("it has no list of tokens");
  if (rows.length > enrolmentTokensMax) return invalid(`more than ${enrolmentTokensMax} tokens`);
  const tokens: EnrolmentToken[] = [];
  for (const [place, row] of rows.entries()) {
    const token = tokenIn(row);
    if (token === undefined) return invalid(`entry ${place} is no token`);
    tokens.push(token);
  }
  const hashes = new Set(tokens.map(({ hash }) => hash));
  return hashes.size === tokens.length ? accepted(tokens) : invalid("a hash is there twice");
}

/**
 * Strikes a token out: the vehicle it was for, its fleet, and what is left. A used token is unknown; one is expired
 * from its last millisecond on. The caller MUST have stored what is left before it acts on the vehicle.
 */
export function strikeToken(
  tokens: readonly EnrolmentToken[],
  { hash, now_ms }: { hash: string; now_ms: number },
): Outcome<
  { vehicle: string; fleet: string | undefined; left: readonly EnrolmentToken[] },
  TokenProblem
> {
  const found = tokens.find((token) => token.hash === hash);
  if (found === undefined) return refused({ code: "TOKEN_UNKNOWN" });
  if (now_ms >= found.expires_ms) return refused({ code: "TOKEN_EXPIRED" });
  const { vehicle, fleet } = found;
  return accepted({ vehicle, fleet, left: tokens.filter((token) => token !== found) });
}

function tokenIn(row: unknown): EnrolmentToken | undefined {
  if (!isRecord(row)) return undefined;
  const { hash, vehicle, fleet, expires_ms } = row;
  if (typeof hash !== "string" || !hashPattern.test(hash)) return undefined;
  if (typeof vehicle !== "string" || !identifierPattern.test(vehicle)) return undefined;
  if (!Number.isSafeInteger(expires_ms) || Number(expires_ms) < 0) return undefined;
  const token = { hash, vehicle, expires_ms: Number(expires_ms) };
  if (fleet === undefined) return token;
  return typeof fleet === "string" && identifierPattern.test(fleet)
    ? { ...token, fleet }
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(detail: string): Outcome<never, BookProblem> {
  return refused({ code: "ENROLMENT_TOKENS_INVALID", detail });
}
