import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import {
  encodeTokenFile,
  isTokenRole,
  parseTokenFile,
  type TokenRow,
  tokenRoles,
} from "@voltfog/cloud";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import type { SitePaths } from "./site-folder.ts";

/** As many as the cloud takes. */
const tokensMax = 1000;

interface CreatedToken extends Omit<TokenRow, "hash"> {
  /** The only copy. */
  readonly token: string;
}

/** A new token of the site, in force within a second. ROLE_UNKNOWN, SITE_MISSING, TOKENS_FULL, TOKENS_INVALID. */
export function createToken(
  paths: SitePaths,
  { role, fleet, expires_ms }: { role: string; fleet?: string; expires_ms: number },
): CreatedToken {
  if (!isTokenRole(role)) {
    throw complaint({
      code: "ROLE_UNKNOWN",
      what: `there is no role ${JSON.stringify(role)}`,
      remedy: `choose one of ${tokenRoles.join(", ")}`,
    });
  }
  const listed = listTokens(paths);
  // What was revoked is kept so that whoever shows it is told so; not at the cost of new tokens.
  const rows = listed.length < tokensMax ? listed : listed.filter((row) => !isRevoked(row));
  if (rows.length >= tokensMax) {
    throw complaint({
      code: "TOKENS_FULL",
      what: `${paths.tokens} holds ${rows.length} tokens`,
      remedy: "revoke what is not needed any more",
    });
  }
  const token = `vf_${randomBytes(32).toString("hex")}`;
  const hash = hashOf(token);
  const id = `t-${randomBytes(6).toString("hex")}`;
  const told = { role, ...(fleet === undefined ? {} : { fleet }), expires_ms };
  write(paths, [...rows, { id, hash, ...told }]);
  return { id, token, ...told };
}

/** The site's tokens in the order of their making. SITE_MISSING, TOKENS_INVALID. */
export function listTokens(paths: SitePaths): readonly TokenRow[] {
  requireSite(paths);
  if (!existsSync(paths.tokens)) return [];
  const parsed = parseTokenFile(readFileSync(paths.tokens, "utf8"));
  if (parsed.ok) return parsed.value;
  throw complaint({
    code: "TOKENS_INVALID",
    what: `${paths.tokens}: ${parsed.problem.detail}`,
    remedy: "restore the file, or remove it and create the tokens again",
  });
}

/**
 * Revokes a token of the site. Its row stays until it would have expired, so that whoever shows the token is told
 * so. TOKEN_UNKNOWN, also where it was revoked before; SITE_MISSING, TOKENS_INVALID.
 */
export function revokeToken(
  paths: SitePaths,
  { id, now_ms }: { id: string; now_ms: number },
): void {
  const rows = listTokens(paths);
  if (!rows.some((row) => row.id === id && !isRevoked(row))) {
    throw complaint({
      code: "TOKEN_UNKNOWN",
      what: `no token ${id} is in ${paths.tokens}`,
      remedy: "see voltfog token list",
    });
  }
  const kept = rows.filter((row) => !isRevoked(row) || row.expires_ms > now_ms);
  write(
    paths,
    kept.map((row) => (row.id === id ? { ...row, revoked_ms: now_ms } : row)),
  );
}

/** Whether a token is the site's and lets somebody in at a time. SITE_MISSING, TOKENS_INVALID. */
export function tokenHolds(
  paths: SitePaths,
  { token, at_ms }: { token: string; at_ms: number },
): boolean {
  const hash = hashOf(token);
  return listTokens(paths).some(
    (row) => row.hash === hash && !isRevoked(row) && row.expires_ms > at_ms,
  );
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function isRevoked({ revoked_ms }: TokenRow): boolean {
  return revoked_ms !== undefined;
}

/** SITE_MISSING where the folder holds none. */
export function requireSite(paths: SitePaths): void {
  if (existsSync(paths.marker)) return;
  throw complaint({
    code: "SITE_MISSING",
    what: `${paths.root} holds no site`,
    remedy: "make one with voltfog site init, or name its folder with --data",
  });
}

function write(paths: SitePaths, rows: readonly TokenRow[]): void {
  replaceFileSync(paths.tokens, encodeTokenFile(rows), { mode: 0o600 });
}
