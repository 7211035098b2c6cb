import { CodedError, utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRefusal, encodeRefusal } from "./refusal.ts";
import { leavesEntry, refusalCode, refusalCodes, refusalNumber } from "./refusal-code.ts";

describe("refusal codes", () => {
  it("have the numbers of their log entries, from 1, for ever", () => {
    expect(refusalCodes.map((code) => `${refusalNumber(code)} ${code}`)).toEqual([
      "1 FRAME_TOO_LARGE",
      "2 FRAME_VERSION_UNKNOWN",
      "3 FRAME_MALFORMED",
      "4 TOPIC_MISMATCH",
      "5 KEY_UNKNOWN",
      "6 KEY_REVOKED",
      "7 SIGNATURE_INVALID",
      "8 PAYLOAD_VERSION_UNKNOWN",
      "9 PAYLOAD_MALFORMED",
      "10 TIME_IN_FUTURE",
      "11 SEQUENCE_FORKED",
      "12 SEQUENCE_STALE",
      "13 RANGE_IMPLAUSIBLE",
      "14 GAP_INCONSISTENT",
      "15 RECEIPT_INVALID",
      "16 KEY_REPLACED",
    ]);
    for (const code of refusalCodes) expect(refusalCode(refusalNumber(code))).toBe(code);
    for (const number of [0, 17, -1, 1.5, Number.NaN]) expect(refusalCode(number)).toBeUndefined();
  });

  it("leave an entry from the first that is found in a frame after a good signature", () => {
    expect(refusalCodes.filter((code) => !leavesEntry(code))).toHaveLength(9);
    expect(leavesEntry("SIGNATURE_INVALID")).toBe(false);
    expect(leavesEntry("PAYLOAD_VERSION_UNKNOWN")).toBe(true);
    expect(leavesEntry("GAP_INCONSISTENT")).toBe(true);
    expect(leavesEntry("RECEIPT_INVALID")).toBe(false);
    expect(leavesEntry("KEY_REPLACED")).toBe(false);
  });
});

describe("a refusal", () => {
  const full = {
    code: "SEQUENCE_FORKED",
    detail: "sequence 7 is logged with another commitment",
    stream: "urgent",
    sequence: 7,
    commitment: "ab".repeat(32),
  } as const;

  it("comes back as it was, with its place and without", () => {
    for (const refusal of [full, { code: "FRAME_MALFORMED", detail: "ends early" } as const]) {
      expect(decodeRefusal(encodeRefusal(refusal))).toEqual({ ok: true, value: refusal });
    }
  });

  it("names its format, and is read as before where an older unit names none", () => {
    const refusal = { code: "KEY_UNKNOWN", detail: "who?" } as const;
    expect(new TextDecoder().decode(encodeRefusal(refusal))).toBe(
      '{"version":1,"code":"KEY_UNKNOWN","detail":"who?"}',
    );
    const older = utf8('{"code":"KEY_UNKNOWN","detail":"who?"}');
    expect(decodeRefusal(older)).toEqual({ ok: true, value: refusal });
    const newer = utf8('{"version":2,"code":"KEY_UNKNOWN","detail":"who?"}');
    expect(decodeRefusal(newer)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("is refused with an unknown code, a wrong type, an unknown field or no object around it", () => {
    for (const text of [
      '{"code":"NO_SUCH","detail":""}',
      '{"code":"KEY_UNKNOWN"}',
      '{"code":"KEY_UNKNOWN","detail":"","sequence":0}',
      '{"code":"KEY_UNKNOWN","detail":"","stream":"other"}',
      '{"code":"KEY_UNKNOWN","detail":"","commitment":"AB"}',
      '{"code":"KEY_UNKNOWN","detail":"","more":1}',
      "[]",
      "null",
      "{",
      "",
    ]) {
      expect(decodeRefusal(utf8(text))).toMatchObject({
        ok: false,
        problem: { code: "MALFORMED" },
      });
    }
  });

  it("gets a verdict for any bytes and any JSON", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !decodeRefusal(bytes).ok));
    fc.assert(fc.property(fc.json(), (text) => !decodeRefusal(utf8(text)).ok));
  });

  it("has at most 4096 bytes", () => {
    expect(() => encodeRefusal({ ...full, detail: "x".repeat(4096) })).toThrow(CodedError);
    const padded = utf8(JSON.stringify({ code: "KEY_UNKNOWN", detail: "x".repeat(4096) }));
    expect(decodeRefusal(padded).ok).toBe(false);
  });
});
