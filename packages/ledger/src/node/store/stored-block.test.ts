import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecFault } from "../../testing/codec-laws.ts";
import { decodeRecordBody, encodeRecord, recordAt, type StoredBlock } from "./stored-block.ts";

const data = fc.uint8Array({ maxLength: 40 });
const stored: fc.Arbitrary<StoredBlock> = fc.record({
  height: fc.maxSafeNat(),
  block: data,
  certificate: data,
  results: fc.array(data, { maxLength: 4 }),
});

/** A record without the length and the checksum around it. */
function bodyOf(block: StoredBlock): Uint8Array {
  return encodeRecord(block, crypto).slice(4, -16);
}

describe("a stored block's record", () => {
  it("gives back what was written, in its one encoding", () => {
    fc.assert(
      fc.property(stored, (given) => {
        const bytes = encodeRecord(given, crypto);
        const record = recordAt({ bytes, offset: 0, crypto });
        expect(record?.end).toBe(bytes.length);
        const decoded = decodeRecordBody(record?.body ?? new Uint8Array());
        expect(decoded.ok && decoded.value).toEqual(given);
      }),
    );
  });

  it("has no shorter, longer or second form of its body", () => {
    fc.assert(
      fc.property(stored, (given) => {
        const bytes = bodyOf(given);
        expect(codecFault({ bytes, encode: bodyOf, decode: decodeRecordBody })).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it("is not found where any byte of it is changed or missing", () => {
    fc.assert(
      fc.property(stored, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, bits) => {
        const bytes = encodeRecord(given, crypto);
        const at = place % bytes.length;
        expect(recordAt({ bytes: bytes.subarray(0, at), offset: 0, crypto })).toBeUndefined();
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        expect(recordAt({ bytes, offset: 0, crypto })).toBeUndefined();
      }),
    );
  });

  it("never makes its decoder throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (bytes, offset) => {
        expect(typeof decodeRecordBody(bytes).ok).toBe("boolean");
        expect(recordAt({ bytes, offset, crypto })).toBeUndefined();
      }),
    );
  });
});
