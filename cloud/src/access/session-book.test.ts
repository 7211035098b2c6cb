import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BegunSession, SessionBook } from "./session-book.ts";
import { hashOfToken, TokenDirectory } from "./token-directory.ts";
import { encodeTokenFile, type TokenRow } from "./token-file.ts";

const hour_ms = 3_600_000;
const token = `vf_${"7".repeat(64)}`;
const row: TokenRow = {
  ...{ id: "t-1", hash: hashOfToken(token), role: "fleet-engineer" },
  ...{ fleet: "north", expires_ms: 100 * hour_ms },
};

let folder: string;
let clock: ManualClock;
let tokens: TokenDirectory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sessions-"));
  clock = new ManualClock();
  writeTokens([row]);
  tokens = new TokenDirectory(join(folder, "tokens.json"), { clock, logger: silentLogger });
  tokens.start();
});
afterEach(() => {
  tokens.stop();
  rmSync(folder, { recursive: true, force: true });
});

const random = new SeededRandom(1);
const path = (): string => join(folder, "sessions.json");

function writeTokens(rows: readonly TokenRow[]): void {
  writeFileSync(join(folder, "tokens.json"), encodeTokenFile(rows));
}

function open(changes: { takesLogins?: boolean; file?: string } = {}): SessionBook {
  const { takesLogins = true, file = path() } = changes;
  const ports = { clock, logger: silentLogger, random };
  return new SessionBook({
    ...{ path: file, sessionMax_ms: 12 * hour_ms, tokens, takesLogins },
    ...ports,
  });
}

function begin(book: SessionBook): BegunSession {
  const begun = { caller: row, tokenHash: row.hash, until_ms: row.expires_ms };
  return book.begin(begun);
}

test("a session is its token's holder, over a restart too, and its file lets nobody in", () => {
  const { id, expires_ms } = begin(open());
  expect(expires_ms).toBe(12 * hour_ms);
  const caller = { id: "t-1", role: "fleet-engineer", fleet: "north" };
  expect(open().callerOf(id)).toMatchObject({ ok: true, value: caller });
  const text = readFileSync(path(), "utf8");
  expect(text).not.toContain(id);
  expect(text).not.toContain(token);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(open().callerOf("00".repeat(32))).toMatchObject({ problem: { code: "SESSION_ENDED" } });
});

test("what its token may changes with the token, and ends with it", () => {
  const book = open();
  const { id } = begin(book);
  writeTokens([{ ...row, role: "driver" }]);
  clock.advance(1000);
  expect(book.callerOf(id)).toMatchObject({ ok: true, value: { role: "driver" } });
  writeTokens([{ ...row, revoked_ms: 5 }]);
  clock.advance(1000);
  expect(book.callerOf(id)).toMatchObject({ problem: { code: "TOKEN_REVOKED" } });
  writeTokens([]);
  clock.advance(1000);
  expect(book.callerOf(id)).toMatchObject({ problem: { code: "TOKEN_REVOKED" } });
  writeTokens([{ ...row, expires_ms: 3 }]);
  clock.advance(1000);
  expect(book.callerOf(id)).toMatchObject({ problem: { code: "TOKEN_EXPIRED" } });
});

test("it is over after its time, and at once when it is ended, also after a restart", () => {
  const book = open();
  const [first, second] = [begin(book), begin(book)];
  expect(book.end(first.id)).toMatchObject({ id: "t-1" });
  expect(book.end(first.id)).toBeUndefined();
  expect(open().callerOf(first.id)).toMatchObject({ problem: { code: "SESSION_ENDED" } });
  expect(open().callerOf(second.id).ok).toBe(true);
  clock.advance(12 * hour_ms);
  expect(book.callerOf(second.id)).toMatchObject({ problem: { code: "SESSION_ENDED" } });
});

test("a login's session ends with the login, and where logins are taken no more", () => {
  const caller = { id: "oidc:ada", role: "auditor" } as const;
  const { id, expires_ms } = open().begin({ caller, tokenHash: null, until_ms: hour_ms });
  expect(expires_ms).toBe(hour_ms);
  expect(open().callerOf(id)).toMatchObject({ ok: true, value: caller });
  expect(open({ takesLogins: false }).callerOf(id).ok).toBe(false);
  clock.advance(hour_ms);
  expect(open().callerOf(id)).toMatchObject({ problem: { code: "SESSION_ENDED" } });
});

test("one caller's twenty-first session ends the oldest of theirs", () => {
  const book = open();
  const caller = { id: "oidc:ada", role: "auditor" } as const;
  const other = book.begin({ caller, tokenHash: null, until_ms: 90 * hour_ms });
  const all = Array.from({ length: 21 }, () => begin(book));
  expect(all.map(({ id }) => book.callerOf(id).ok)).toEqual([
    false,
    ...Array.from({ length: 20 }, () => true),
  ]);
  expect(book.callerOf(other.id).ok).toBe(true);
});

test("there are at most two thousand, and what is over makes room", () => {
  const rows = Array.from({ length: 2000 }, (_, at) => ({
    hash: at.toString(16).padStart(64, "0"),
    ...{ tokenHash: null, caller: { id: `oidc:${at}`, role: "driver" }, created_ms: 0 },
    expires_ms: hour_ms,
  }));
  writeFileSync(path(), JSON.stringify({ version: 1, sessions: rows }));
  const book = open();
  expect(() => begin(book)).toThrow(expect.objectContaining({ code: "SESSIONS_FULL" }));
  clock.advance(hour_ms);
  expect(book.callerOf(begin(book).id).ok).toBe(true);
});

test("a damaged file signs everybody out, and the next sign-in makes it good", () => {
  const { id } = begin(open());
  writeFileSync(path(), "{");
  const book = open();
  expect(book.callerOf(id).ok).toBe(false);
  const again = begin(book);
  expect(open().callerOf(again.id).ok).toBe(true);
});

test("a session that the disk does not take is not given", () => {
  writeFileSync(join(folder, "file"), "");
  const book = open({ file: join(folder, "file", "sessions.json") });
  expect(() => begin(book)).toThrow(expect.objectContaining({ code: "SESSIONS_FAILED" }));
});
