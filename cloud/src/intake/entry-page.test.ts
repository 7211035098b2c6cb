import { ByteWriter, utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntryPage, type EntryPage } from "./entry-page.ts";

const page: fc.Arbitrary<EntryPage> = fc.record({
  entries: fc.array(
    fc.record({
      index: fc.maxSafeNat(),
      accepted_ms: fc.maxSafeNat(),
      entry: fc.uint8Array({ maxLength: 92 }),
      frame: fc.uint8Array({ maxLength: 60 }),
    }),
    { maxLength: 4 },
  ),
  note: fc.string({ unit: "binary", maxLength: 100 }),
});

function encode({ entries, note }: EntryPage): Uint8Array {
  const writer = new ByteWriter().u8(1).u32(entries.length);
  for (const { index, accepted_ms, entry, frame } of entries) {
    writer.u64(index).u64(accepted_ms).block(entry).block(frame);
  }
  return writer.block(utf8(note)).finish();
}

describe("a page of entries", () => {
  it("gives back what a unit wrote", () => {
    fc.assert(
      fc.property(page, (given) => {
        expect(decodeEntryPage(encode(given))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it("has one encoding: no shorter, longer or second form is read", () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, bits) => {
        const bytes = encode(given);
        const at = place % bytes.length;
        expect(decodeEntryPage(bytes.subarray(0, at)).ok).toBe(false);
        expect(decodeEntryPage(Uint8Array.of(...bytes, 0)).ok).toBe(false);
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        const decoded = decodeEntryPage(bytes);
        if (decoded.ok) expect(encode(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("never makes its decoder throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeEntryPage(bytes).ok).toBe("boolean");
        expect(typeof decodeEntryPage(Uint8Array.of(1, 0, 0, 0, ...bytes)).ok).toBe("boolean");
      }),
    );
  });
});
