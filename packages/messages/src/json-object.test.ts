import { utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, parseJsonObject } from "./json-object.ts";

const limit_bytes = 4096;
const parse = (bytes: Uint8Array) => parseJsonObject({ bytes, limit_bytes });
const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });

describe("parseJsonObject", () => {
  it("gives back any object, and the same from its canonical text", () => {
    fc.assert(
      fc.property(object, (given) => {
        const text = JSON.stringify(given);
        fc.pre(utf8(text).length <= limit_bytes);
        const parsed = parse(utf8(text));
        if (!parsed.ok) expect.fail(parsed.problem.detail);
        expect(JSON.stringify(parsed.value)).toBe(text);
        const again = parse(utf8(canonicalJson(parsed.value)));
        if (!again.ok) expect.fail(again.problem.detail);
        expect(canonicalJson(again.value)).toBe(canonicalJson(parsed.value));
      }),
    );
  });

  it("never throws, and takes nothing but an object", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof parse(bytes).ok).toBe("boolean");
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
        const bytes = utf8(JSON.stringify(value));
        fc.pre(bytes.length <= limit_bytes);
        expect(parse(bytes).ok).toBe(isObject);
      }),
    );
  });

  it("takes no object with bytes after it, before it or missing, and none over the limit", () => {
    fc.assert(
      fc.property(object, fc.nat(), (given, place) => {
        const bytes = utf8(JSON.stringify(given));
        fc.pre(bytes.length <= limit_bytes - 3);
        expect(parse(Uint8Array.of(...bytes, 0)).ok).toBe(false);
        expect(parse(Uint8Array.of(...bytes, 0x7d)).ok).toBe(false);
        expect(parse(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes)).ok).toBe(false);
        expect(parse(bytes.subarray(0, place % bytes.length)).ok).toBe(false);
      }),
    );
    const long = utf8(JSON.stringify({ a: "x".repeat(limit_bytes) }));
    expect(parse(long)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });
});
