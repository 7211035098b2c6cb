import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import {
  accepted,
  type Clock,
  CodedError,
  type Logger,
  messageOf,
  type Outcome,
  type Random,
  refused,
  toHex,
} from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { Caller } from "./caller.ts";
import {
  encodeSessionFile,
  parseSessionFile,
  type SessionFileProblem,
  type SessionRow,
  sessionsMax,
} from "./session-file.ts";
import type { TokenDirectory } from "./token-directory.ts";

export interface SessionBookOptions {
  readonly path: string;
  /** A session ends with what it began with, and this long after its beginning at the latest. */
  readonly sessionMax_ms: number;
  readonly tokens: TokenDirectory;
  /** Whether logins of another system are taken; sessions of theirs hold no longer where they are not. */
  readonly takesLogins: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

export interface SessionProblem {
  readonly code: "SESSION_ENDED" | "TOKEN_EXPIRED" | "TOKEN_REVOKED";
  readonly detail: string;
}

/** A session that has just begun. */
export interface BegunSession {
  /** The cookie's value; the only copy. */
  readonly id: string;
  readonly expires_ms: number;
}

/** On several devices at a time; one more ends the oldest of the same caller. */
const perCallerMax = 20;

/**
 * Who is signed in on the pages, in a file that a restart reads again. A session holds as long as what it began
 * with does: a revoked token ends it at the next request. The file and this memory keep hashes alone.
 */
export class SessionBook {
  readonly #options: SessionBookOptions;
  readonly #sessions = new Map<string, SessionRow>();

  /** A damaged file signs everybody out, which is logged, and no more. */
  constructor(options: SessionBookOptions) {
    this.#options = options;
    if (!existsSync(options.path)) return;
    const read = readSessions(options.path);
    if (!read.ok) {
      const { detail } = read.problem;
      options.logger.error("sessions not read: everybody is signed out", { detail });
      return;
    }
    for (const row of read.value) this.#sessions.set(row.hash, row);
  }

  /**
   * Begins a session, durable before it is given. `until_ms` is where the login itself ends. SESSIONS_FULL,
   * SESSIONS_FAILED where the disk takes none.
   */
  begin(o: { caller: Caller; tokenHash: string | null; until_ms: number }): BegunSession {
    const { clock, random, sessionMax_ms } = this.#options;
    const now_ms = clock.wall_ms();
    this.#forget(now_ms);
    const { id: callerId, role, fleet } = o.caller;
    const own = [...this.#sessions.values()].filter(({ caller }) => caller.id === callerId);
    for (const { hash } of own.slice(0, Math.max(0, own.length - perCallerMax + 1))) {
      this.#sessions.delete(hash);
    }
    if (this.#sessions.size >= sessionsMax) {
      throw new CodedError({
        code: "SESSIONS_FULL",
        message: `${sessionsMax} people are signed in already`,
        remedy: "sign out where a session is not needed any more",
      });
    }
    const id = toHex(random.bytes(32));
    const expires_ms = Math.min(o.until_ms, now_ms + sessionMax_ms);
    const caller = { id: callerId, role, ...(fleet === undefined ? {} : { fleet }) };
    const hash = hashOf(id);
    const row = { hash, tokenHash: o.tokenHash, caller, created_ms: now_ms, expires_ms };
    this.#sessions.set(hash, row);
    try {
      this.#write();
    } catch (thrown) {
      this.#sessions.delete(hash);
      throw thrown;
    }
    return { id, expires_ms };
  }

  /** Who a session is, as the token's row says it now. */
  callerOf(id: string): Outcome<Caller & { readonly until_ms: number }, SessionProblem> {
    const row = this.#sessions.get(hashOf(id));
    const now_ms = this.#options.clock.wall_ms();
    if (row === undefined) return ended("the session was ended, or is of another site");
    if (row.tokenHash === null) {
      if (row.expires_ms <= now_ms || !this.#options.takesLogins)
        return ended("the session is over");
      return accepted({ ...row.caller, until_ms: row.expires_ms });
    }
    const token = this.#options.tokens.rowOfHash(row.tokenHash);
    if (token === undefined || token.revoked_ms !== undefined) {
      const detail = `token ${row.caller.id} was revoked`;
      return refused({ code: "TOKEN_REVOKED", detail });
    }
    if (token.expires_ms <= now_ms) {
      return refused({ code: "TOKEN_EXPIRED", detail: `token ${token.id} has expired` });
    }
    if (row.expires_ms <= now_ms) return ended("the session is over");
    return accepted({ ...token, until_ms: Math.min(row.expires_ms, token.expires_ms) });
  }

  /** Ends a session at once; who it was, where there was one. SESSIONS_FAILED: it may be back after a restart. */
  end(id: string): Caller | undefined {
    const hash = hashOf(id);
    const row = this.#sessions.get(hash);
    if (row === undefined) return undefined;
    this.#sessions.delete(hash);
    this.#write();
    return row.caller;
  }

  /** What is over; not before, so that a token that ended can be told from a session that did. */
  #forget(now_ms: number): void {
    for (const [hash, { expires_ms }] of this.#sessions) {
      if (expires_ms <= now_ms) this.#sessions.delete(hash);
    }
  }

  #write(): void {
    try {
      const text = encodeSessionFile([...this.#sessions.values()]);
      replaceFileSync(this.#options.path, text, { mode: 0o600 });
    } catch (thrown) {
      throw new CodedError({
        code: "SESSIONS_FAILED",
        message: `the session cannot be kept: ${messageOf(thrown)}`,
        remedy: "see to the disk of the cloud's data folder",
        cause: thrown,
      });
    }
  }
}

function ended(detail: string): { readonly ok: false; readonly problem: SessionProblem } {
  return refused({ code: "SESSION_ENDED", detail });
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}

function readSessions(path: string): Outcome<readonly SessionRow[], SessionFileProblem> {
  try {
    return parseSessionFile(readFileSync(path, "utf8"));
  } catch (thrown) {
    return refused({ code: "SESSIONS_INVALID", detail: messageOf(thrown) });
  }
}
