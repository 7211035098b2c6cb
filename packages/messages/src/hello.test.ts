import { ByteWriter, CodedError } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHello, encodeHello, helloMax_bytes } from "./hello.ts";
import { receiptMax_bytes } from "./receipt.ts";
import { canonicalFaults } from "./testing/canonical-faults.ts";

const some = Uint8Array.of(1, 2, 3);

describe("a hello", () => {
  it("has one encoding only, with two receipts, one and none", () => {
    for (const receipts of [[some, Uint8Array.of()], [some], []]) {
      const bytes = encodeHello({ receipts });
      const codec = { decode: decodeHello, encode: encodeHello };
      expect(canonicalFaults({ bytes, ...codec })).toEqual([]);
      expect(decodeHello(bytes)).toEqual({ ok: true, value: { receipts } });
    }
  });

  it("carries a receipt per stream, each as long as a receipt may be, and no more", () => {
    const longest = new Uint8Array(receiptMax_bytes);
    const full = encodeHello({ receipts: [longest, longest] });
    expect(full.length).toBe(helloMax_bytes);
    expect(decodeHello(full).ok).toBe(true);
    expect(() => encodeHello({ receipts: [some, some, some] })).toThrow(CodedError);
    expect(() => encodeHello({ receipts: [new Uint8Array(receiptMax_bytes + 1)] })).toThrow(
      CodedError,
    );
    const three = new ByteWriter().u8(1).u32(3).block(some).block(some).block(some).finish();
    expect(decodeHello(three)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("gets a verdict for any bytes, and none is taken that encoding would not give", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeHello(bytes);
        if (decoded.ok) expect(encodeHello(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
