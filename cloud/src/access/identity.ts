import { accepted, type Clock, type Outcome, refused } from "@voltfog/runtime";
import type { Caller } from "./caller.ts";
import type { LoginProblem, Logins } from "./logins.ts";
import type { SessionBook, SessionProblem } from "./session-book.ts";
import { parseSessionCookie } from "./session-cookie.ts";
import type { TokenDirectory } from "./token-directory.ts";
import type { TokenRole } from "./token-file.ts";

/** What says who somebody is. */
export interface IdentityOptions {
  readonly tokens: TokenDirectory;
  /** Logins of another system; undefined where none are taken. */
  readonly logins: Logins | undefined;
  readonly sessions: SessionBook;
  /** The role of who shows nothing. */
  readonly anonymousRole: TokenRole | undefined;
  readonly clock: Clock;
}

export interface IdentityProblem {
  readonly code: LoginProblem["code"] | SessionProblem["code"] | "TOKEN_MISSING";
  readonly detail: string;
}

/** What a request is let in by: the text that follows one of the two words. */
export type Credential = `header ${string}` | `session ${string}`;

interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly host?: string | undefined;
}

/** What a request shows; a header that says who asks goes before the browser's session. */
export function credentialOf(headers: CredentialHeaders): Credential | undefined {
  const { authorization, cookie, host } = headers;
  if (authorization !== undefined) return `header ${authorization}`;
  const session = parseSessionCookie(cookie, host);
  return session === undefined ? undefined : `session ${session}`;
}

/** The session of a credential, which a browser sends by itself. */
export function sessionOf(credential: Credential | undefined): string | undefined {
  return credential?.startsWith("session ") ? credential.slice("session ".length) : undefined;
}

/** Who that is: of a token of this site, a login of its issuer, or a session that began with one of them. */
export async function identityOf(
  credential: Credential | undefined,
  options: IdentityOptions,
): Promise<Outcome<Caller, IdentityProblem>> {
  const nobody = ofNobody(options);
  if (credential === undefined) return nobody;
  const session = sessionOf(credential);
  if (session !== undefined) {
    const found = options.sessions.callerOf(session);
    // Where nobody need sign in, a session that ended must not shut anybody out.
    return found.ok || !nobody.ok ? found : nobody;
  }
  const header = credential.slice("header ".length);
  const [, token = ""] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  return identityOfToken(token, options);
}

/** Who shows nothing. */
function ofNobody({ anonymousRole: role }: IdentityOptions): Outcome<Caller, IdentityProblem> {
  if (role !== undefined) return accepted({ id: "anonymous", role });
  const detail = "send Authorization: Bearer with a token, or sign in on the pages";
  return refused({ code: "TOKEN_MISSING", detail });
}

/** Who shows this text: of `voltfog token create`, or a login's. */
export async function identityOfToken(
  token: string,
  options: IdentityOptions,
): Promise<Outcome<Caller & { readonly until_ms: number }, IdentityProblem>> {
  if (/^vf_[0-9a-f]{64}$/.test(token)) return ofOwnToken(token, options);
  const { logins } = options;
  if (logins !== undefined && token !== "") return logins.callerOf(token);
  return refused({ code: "TOKEN_INVALID", detail: "no such token holds" });
}

function ofOwnToken(
  token: string,
  options: IdentityOptions,
): Outcome<Caller & { readonly until_ms: number }, IdentityProblem> {
  const row = options.tokens.rowOf(token);
  if (row === undefined) return refused({ code: "TOKEN_INVALID", detail: "no such token holds" });
  const { id, revoked_ms, expires_ms } = row;
  if (revoked_ms !== undefined) {
    return refused({ code: "TOKEN_REVOKED", detail: `token ${id} was revoked` });
  }
  if (expires_ms > options.clock.wall_ms()) return accepted({ ...row, until_ms: expires_ms });
  return refused({ code: "TOKEN_EXPIRED", detail: `token ${id} has expired` });
}
