import { ByteWriter } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBlockPage, type ServedBlock } from "./block-page.ts";

const data = fc.uint8Array({ maxLength: 60 });
const page = fc.array(fc.record({ block: data, certificate: data }), { maxLength: 4 });

function encode(blocks: readonly ServedBlock[]): Uint8Array {
  const writer = new ByteWriter().u8(1).u32(blocks.length);
  for (const { block, certificate } of blocks) writer.block(block).block(certificate);
  return writer.finish();
}

describe("a page of blocks", () => {
  it("gives back what a validator wrote", () => {
    fc.assert(
      fc.property(page, (given) => {
        expect(decodeBlockPage(encode(given))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it("has one encoding: no shorter, longer or second form is read", () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, bits) => {
        const bytes = encode(given);
        const at = place % bytes.length;
        expect(decodeBlockPage(bytes.subarray(0, at)).ok).toBe(false);
        expect(decodeBlockPage(Uint8Array.of(...bytes, 0)).ok).toBe(false);
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        const decoded = decodeBlockPage(bytes);
        if (decoded.ok) expect(encode(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("never makes its decoder throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeBlockPage(bytes).ok).toBe("boolean");
        expect(typeof decodeBlockPage(Uint8Array.of(1, 0, 0, 0, ...bytes)).ok).toBe("boolean");
      }),
    );
  });
});
