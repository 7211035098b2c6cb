import fc from "fast-check";
import { expect, test } from "vitest";
import { feesNow, raisedFees } from "./fees.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });

test("a first offer covers five full blocks and never passes the limit", () => {
  fc.assert(
    fc.property(wei, wei, wei, (baseFee, suggestedTip, limit) => {
      const { max, tip } = feesNow({ baseFee, suggestedTip, limit });
      expect(max <= limit && tip <= max).toBe(true);
      if (max < limit) expect(max).toBe(2n * baseFee + suggestedTip);
    }),
  );
});

test("a replacement offers at least a tenth more of both, or is none", () => {
  fc.assert(
    fc.property(wei, wei, wei, wei, (max, suggestedTip, baseFee, limit) => {
      const before = { isLegacy: false, max, tip: max / 3n };
      const now = feesNow({ baseFee, suggestedTip, limit });
      const raised = raisedFees({ before, now, limit });
      if (raised === undefined) {
        expect(max + max / 4n + 1n > limit).toBe(true);
        return;
      }
      expect(raised.max <= limit && raised.tip <= raised.max).toBe(true);
      expect(10n * raised.max > 11n * before.max && 10n * raised.tip > 11n * before.tip).toBe(true);
    }),
  );
});

test("without a base fee the price is the node's", () => {
  const fees = feesNow({ baseFee: undefined, suggestedTip: 0n, limit: 9n });
  expect(fees).toEqual({ isLegacy: true, max: 0n, tip: 0n });
});
