import { createHash } from "node:crypto";
import { toHex, utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sm3 } from "./sm3.ts";

it("gives the digests of the standard's examples (GB/T 32905-2016, annex A)", () => {
  expect(toHex(sm3(utf8("abc")))).toBe(
    "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
  );
  expect(toHex(sm3(utf8("abcd".repeat(16))))).toBe(
    "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
  );
});

it("agrees with OpenSSL on every length and every split", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
      const expected = createHash("sm3").update(bytes).digest("hex");
      expect(toHex(sm3(bytes.subarray(0, at), bytes.subarray(at)))).toBe(expected);
    }),
  );
});
