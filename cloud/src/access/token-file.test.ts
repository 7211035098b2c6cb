import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeTokenFile, parseTokenFile, type TokenRow, tokenRoles } from "./token-file.ts";

const row: TokenRow = { id: "t-1", hash: "ab".repeat(32), role: "auditor", expires_ms: 5 };

const anyRow: fc.Arbitrary<TokenRow> = fc.record(
  {
    id: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
    hash: fc.stringMatching(/^[0-9a-f]{64}$/),
    role: fc.constantFrom(...tokenRoles),
    fleet: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
    expires_ms: fc.maxSafeNat(),
    revoked_ms: fc.maxSafeNat(),
  },
  { requiredKeys: ["id", "hash", "role", "expires_ms"] },
);

test("what was written is read back, whatever the tokens", () => {
  const rows = fc.uniqueArray(anyRow, { selector: ({ id }) => id, maxLength: 5 });
  fc.assert(
    fc.property(rows, (tokens) => {
      const distinct = new Set(tokens.map(({ hash }) => hash)).size === tokens.length;
      fc.pre(distinct);
      expect(parseTokenFile(encodeTokenFile(tokens))).toEqual({ ok: true, value: tokens });
    }),
  );
});

test("any text and any JSON get a verdict, and what is taken is the same when written again", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseTokenFile(text).ok).toBe(false);
      const inside = `{"version":1,"tokens":[${text}]}`;
      const parsed = parseTokenFile(inside);
      expect(parsed.ok && parsed.value.length > 0).toBe(false);
    }),
  );
});

test("a file of before, which knew no revoked tokens, is read", () => {
  const text = encodeTokenFile([row]).replace('"version": 2', '"version": 1');
  expect(parseTokenFile(text)).toEqual({ ok: true, value: [row] });
});

test.each([
  ["TOKENS_MALFORMED", "[]"],
  ["TOKENS_VERSION", '{"version":3,"tokens":[]}'],
  ["TOKENS_MALFORMED", '{"version":1,"tokens":[],"more":1}'],
  ["TOKENS_MALFORMED", encodeTokenFile(Array.from({ length: 1001 }, () => row))],
  ["TOKEN_TWICE", encodeTokenFile([row, { ...row, id: "t-2" }])],
  ["TOKEN_TWICE", encodeTokenFile([row, { ...row, hash: "cd".repeat(32) }])],
  ["TOKEN_ROW_INVALID", encodeTokenFile([{ ...row, role: "root" as never }])],
  ["TOKEN_ROW_INVALID", encodeTokenFile([{ ...row, hash: "AB".repeat(32) }])],
  ["TOKEN_ROW_INVALID", encodeTokenFile([{ ...row, expires_ms: 1.5 }])],
  ["TOKEN_ROW_INVALID", encodeTokenFile([{ ...row, revoked_ms: -1 }])],
  ["TOKEN_ROW_INVALID", encodeTokenFile([{ ...row, extra: 1 } as never])],
])("%s refuses a file that is not as it must be", (code, text) => {
  expect(parseTokenFile(text)).toMatchObject({ ok: false, problem: { code } });
});
