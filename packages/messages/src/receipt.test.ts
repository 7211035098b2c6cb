import { CodedError, type UnitId } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeReceipt, encodeReceipt, type Receipt } from "./receipt.ts";
import { canonicalFaults } from "./testing/canonical-faults.ts";

const entry = {
  stream: "urgent",
  sequence: 3,
  commitment: new Uint8Array(32).fill(7),
  index: 0,
} as const;
const receipt: Receipt = {
  unitId: "unit-1" as UnitId,
  entries: [entry, { ...entry, stream: "telemetry", sequence: 2 ** 40, index: 2 ** 33 }],
  checkpoint: "voltfog/test/log/unit-1\n2\nAAAA\n\n— voltfog/test/log/unit-1 AAAA\n",
};

describe("a receipt", () => {
  it("has one encoding only, with entries and without", () => {
    for (const value of [receipt, { ...receipt, entries: [] }]) {
      const bytes = encodeReceipt(value);
      expect(canonicalFaults({ bytes, decode: decodeReceipt, encode: encodeReceipt })).toEqual([]);
      expect(decodeReceipt(bytes)).toEqual({ ok: true, value });
    }
  });

  it("keeps a byte order mark in the note, which would be a second encoding of it otherwise", () => {
    const value = { ...receipt, checkpoint: "\uFEFFnote" };
    expect(decodeReceipt(encodeReceipt(value))).toEqual({ ok: true, value });
  });

  it("carries 1024 entries and a note of 4096 bytes, and no more", () => {
    const entries = Array.from({ length: 1024 }, () => entry);
    const checkpoint = "x".repeat(4096);
    const full = encodeReceipt({ ...receipt, entries, checkpoint });
    expect(decodeReceipt(full).ok).toBe(true);
    expect(() => encodeReceipt({ ...receipt, entries: [...entries, entry] })).toThrow(CodedError);
    expect(() => encodeReceipt({ ...receipt, checkpoint: `${checkpoint}x` })).toThrow(CodedError);
  });

  it("refuses a claim of a billion entries without making room for them", () => {
    const bytes = encodeReceipt({ ...receipt, entries: [] });
    bytes.set([0x3b, 0x9a, 0xca, 0x00], 8);
    expect(decodeReceipt(bytes)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("gets a verdict for any bytes, and none is taken that encoding would not give", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeReceipt(bytes);
        if (decoded.ok) expect(encodeReceipt(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
