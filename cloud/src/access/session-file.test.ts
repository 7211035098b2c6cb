import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeSessionFile, parseSessionFile, type SessionRow } from "./session-file.ts";
import { tokenRoles } from "./token-file.ts";

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const role = fc.constantFrom(...tokenRoles);
const id = fc.string({ minLength: 1, maxLength: 133 });
const fleet = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const anyRow: fc.Arbitrary<SessionRow> = fc.record({
  hash: hex,
  tokenHash: fc.option(hex),
  caller: fc.record({ id, role, fleet }, { requiredKeys: ["id", "role"] }),
  created_ms: fc.maxSafeNat(),
  expires_ms: fc.maxSafeNat(),
});

test("what was written is read back, whatever the sessions", () => {
  const rows = fc.uniqueArray(anyRow, { selector: ({ hash }) => hash, maxLength: 5 });
  fc.assert(
    fc.property(rows, (sessions) => {
      expect(parseSessionFile(encodeSessionFile(sessions))).toEqual({ ok: true, value: sessions });
    }),
  );
});

test("any text, any JSON and any changed field get a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseSessionFile(text).ok).toBe(false);
      const inside = parseSessionFile(`{"version":1,"sessions":[${text}]}`);
      expect(inside.ok && inside.value.length > 0).toBe(false);
    }),
  );
  const field = fc.constantFrom("hash", "tokenHash", "caller", "created_ms", "expires_ms", "more");
  fc.assert(
    fc.property(anyRow, field, (row, name) => {
      const text = encodeSessionFile([{ ...row, [name]: ["x"] }]);
      expect(parseSessionFile(text)).toMatchObject({ problem: { code: "SESSIONS_INVALID" } });
    }),
  );
});

test("a session twice, and more than there may be, refuse the file", () => {
  const row: SessionRow = {
    ...{ hash: "ab".repeat(32), tokenHash: null, created_ms: 1, expires_ms: 2 },
    caller: { id: "oidc:ada", role: "driver" },
  };
  expect(parseSessionFile(encodeSessionFile([row, row])).ok).toBe(false);
  const many = Array.from({ length: 2001 }, (_, at) => ({
    ...row,
    hash: at.toString(16).padStart(64, "0"),
  }));
  expect(parseSessionFile(encodeSessionFile(many)).ok).toBe(false);
  expect(parseSessionFile(encodeSessionFile(many.slice(1))).ok).toBe(true);
});
