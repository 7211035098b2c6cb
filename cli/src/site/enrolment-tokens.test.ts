import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeEnrolmentTokens,
  enrolmentTokensMax,
  parseEnrolmentTokens,
  strikeToken,
} from "./enrolment-tokens.ts";

const digit = fc.constantFrom(..."0123456789abcdef");
const token = fc.record({
  hash: fc.string({ unit: digit, minLength: 64, maxLength: 64 }),
  vehicle: fc.constantFrom("vehicle-01", "bus-7", "a"),
  expires_ms: fc.nat({ max: 2 ** 45 }),
});
const book = fc.uniqueArray(token, { selector: ({ hash }) => hash, maxLength: 8 });
const one = { hash: "0a".repeat(32), vehicle: "vehicle-01", expires_ms: 1000 };

test("a stored list of tokens reads back as it was", () => {
  fc.assert(
    fc.property(book, (tokens) => {
      const read = parseEnrolmentTokens(encodeEnrolmentTokens(tokens));
      expect(read).toEqual({ ok: true, value: tokens });
    }),
  );
});

test("any text and any JSON gets a verdict, never a throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = parseEnrolmentTokens(text);
      expect(read).toMatchObject({ ok: false, problem: { code: "ENROLMENT_TOKENS_INVALID" } });
    }),
  );
});

test("a list with one bad entry, a hash twice, too many or of another version is refused whole", () => {
  const bad = [
    [{ ...one, hash: "0A".repeat(32) }],
    [{ ...one, vehicle: "Vehicle 1" }],
    [{ ...one, expires_ms: 0.5 }],
    [{ ...one, expires_ms: -1 }],
    [one, null],
    [one, { ...one, vehicle: "bus-7" }],
    Array(enrolmentTokensMax + 1).fill(one),
  ];
  const texts = bad.map((tokens) => JSON.stringify({ version: 1, tokens }));
  for (const text of [...texts, JSON.stringify({ version: 2, tokens: [] })]) {
    expect(parseEnrolmentTokens(text)).toMatchObject({ ok: false });
  }
});

test("a token opens its vehicle once; then it is unknown", () => {
  const { hash } = one;
  const first = strikeToken([one], { hash, now_ms: 999 });
  expect(first).toEqual({ ok: true, value: { vehicle: "vehicle-01", left: [] } });
  const unknown = { ok: false, problem: { code: "TOKEN_UNKNOWN" } };
  expect(strikeToken([], { hash, now_ms: 999 })).toEqual(unknown);
  const expired = { ok: false, problem: { code: "TOKEN_EXPIRED" } };
  expect(strikeToken([one], { hash, now_ms: 1000 })).toEqual(expired);
});
