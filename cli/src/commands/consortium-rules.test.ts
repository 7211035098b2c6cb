import fc from "fast-check";
import { expect, test } from "vitest";
import { parseShare } from "./consortium-rules.ts";

test("a share is a fraction above a half and at most all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 255 }), (up, down) => {
      const isShare = up <= down && 2 * up > down;
      const read = (): unknown => parseShare(`${up}/${down}`);
      if (isShare) expect(read()).toEqual({ numerator: up, denominator: down });
      else expect(read).toThrow(/no share/);
    }),
  );
});

test.each(["", "1", "2/", "/3", "0/1", "1/0", "-2/3", "2.0/3", "2/3 ", "256/300", "NaN/1", "1/2"])(
  "%j is no share",
  (text) => {
    expect(() => parseShare(text)).toThrow(expect.objectContaining({ code: "SHARE_INVALID" }));
  },
);
