import { accepted, type Clock, type Outcome, refused } from "@voltfog/runtime";
import type { Caller } from "./caller.ts";
import type { LoginProblem, Logins } from "./logins.ts";
import type { TokenDirectory } from "./token-directory.ts";
import type { TokenRole } from "./token-file.ts";

/** What says who somebody is. */
export interface IdentityOptions {
  readonly tokens: TokenDirectory;
  /** Logins of another system; undefined where none are taken. */
  readonly logins: Logins | undefined;
  /** The role of who shows nothing. */
  readonly anonymousRole: TokenRole | undefined;
  readonly clock: Clock;
}

export interface IdentityProblem {
  readonly code: LoginProblem["code"] | "TOKEN_MISSING";
  readonly detail: string;
}

/** Who an Authorization header says that somebody is: a token of this site, or a login of its issuer. */
export async function identityOf(
  header: string | undefined,
  options: IdentityOptions,
): Promise<Outcome<Caller, IdentityProblem>> {
  if (header === undefined) {
    const { anonymousRole: role } = options;
    if (role !== undefined) return accepted({ id: "anonymous", role });
    const detail = "send Authorization: Bearer with a token";
    return refused({ code: "TOKEN_MISSING", detail });
  }
  const [, token = ""] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  if (/^vf_[0-9a-f]{64}$/.test(token)) return ofToken(token, options);
  const { logins } = options;
  if (logins !== undefined && token !== "") return logins.callerOf(token);
  return refused({ code: "TOKEN_INVALID", detail: "no such token holds" });
}

function ofToken(token: string, options: IdentityOptions): Outcome<Caller, IdentityProblem> {
  const row = options.tokens.rowOf(token);
  if (row === undefined) return refused({ code: "TOKEN_INVALID", detail: "no such token holds" });
  if (row.expires_ms > options.clock.wall_ms()) return accepted(row);
  return refused({ code: "TOKEN_EXPIRED", detail: `token ${row.id} has expired` });
}
