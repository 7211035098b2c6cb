import { CodedError } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeGap, encodeGap, gapCauses } from "./gap-codec.ts";
import type { GapPayload } from "./payload.ts";
import { canonicalFaults } from "./testing/canonical-faults.ts";

const gap: GapPayload = {
  type: "gap",
  firstSequence: 12,
  lastSequence: 99,
  samples: 5632,
  from_ms: 1_790_000_000_000,
  to_ms: 1_790_000_900_000,
  cause: "outbox-full",
};

describe("a gap's payload", () => {
  it("has one encoding only, for every cause, and for readings lost without a number", () => {
    const unnumbered = { ...gap, firstSequence: 0, lastSequence: 0 };
    for (const payload of [...gapCauses.map((cause) => ({ ...gap, cause })), unnumbered]) {
      const bytes = encodeGap(payload);
      expect(canonicalFaults({ bytes, decode: decodeGap, encode: encodeGap })).toEqual([]);
      expect(decodeGap(bytes)).toEqual({ ok: true, value: payload });
    }
  });

  it("refuses numbers that are no range, on both sides", () => {
    for (const range of [
      { firstSequence: 13, lastSequence: 12 },
      { firstSequence: 0, lastSequence: 1 },
      { firstSequence: 1.5, lastSequence: 2 },
    ]) {
      expect(() => encodeGap({ ...gap, ...range })).toThrow(CodedError);
    }
    const bytes = encodeGap(gap);
    bytes[7] = 200; // the first number passes the last
    expect(decodeGap(bytes)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("gets a verdict for any bytes, and none is taken that encoding would not give", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeGap(bytes);
        if (decoded.ok) expect(encodeGap(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
