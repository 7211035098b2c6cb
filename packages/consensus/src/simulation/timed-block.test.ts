import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTimedBlock, encodeTimedBlock } from "./timed-block.ts";

test("a block comes back as it was, whatever is put beside it", () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const block = fc.record({
    height: u32,
    builder: fc.integer({ min: 0, max: 63 }),
    time_ms: u32,
    transactions: fc.array(u32, { maxLength: 40 }),
  });
  fc.assert(
    fc.property(block, fc.integer({ min: 0, max: 300 }), (one, pad_bytes) => {
      const bytes = encodeTimedBlock(one, pad_bytes);
      expect(bytes.length).toBe(18 + 4 + 4 * one.transactions.length + 4 + pad_bytes);
      expect(decodeTimedBlock(bytes)).toEqual(one);
      expect(decodeTimedBlock(bytes.slice(1))).toBeUndefined();
    }),
  );
});
