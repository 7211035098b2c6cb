import { createHash } from "node:crypto";
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes, fromHex, toHex, utf8 } from "../bytes.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { createSigningKey, loadSigningKey } from "./signing-key.ts";

const path = (): string => join(mkdtempSync(join(tmpdir(), "voltfog-key-")), "a.key");
const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();

test("SHA-256 of parts is that of their concatenation (FIPS 180-2 example 'abc')", () => {
  expect(toHex(nodeCrypto.sha256(utf8("a"), utf8("bc")))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("parts of any number and size hash as one, and leave what was hashed before as it was", () => {
  const part = fc.uint8Array({ maxLength: 900 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const first = nodeCrypto.sha256(...parts);
      const expected = createHash("sha256")
        .update(concatBytes(...parts))
        .digest("hex");
      nodeCrypto.sha256(utf8("other"));
      expect(toHex(first)).toBe(expected);
    }),
  );
});

test("RFC 8032 test 2 verifies, and no longer with one bit changed", () => {
  const publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = hex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  expect(nodeCrypto.verify({ publicKey, message: Uint8Array.of(0x72), signature })).toBe(true);
  expect(nodeCrypto.verify({ publicKey, message: Uint8Array.of(0x73), signature })).toBe(false);
});

test("rubbish keys and signatures are false, not an exception", () => {
  for (const length of [0, 31, 32, 33]) {
    const publicKey = new Uint8Array(length).fill(255);
    const signed = { publicKey, message: new Uint8Array(), signature: new Uint8Array(64) };
    expect(nodeCrypto.verify(signed)).toBe(false);
  }
});

test("a key survives on disk, readable by its owner only", () => {
  const file = path();
  const made = createSigningKey(file);
  const loaded = loadSigningKey(file);
  expect(loaded.publicKey).toEqual(made.publicKey);
  const message = utf8("hello");
  const signature = loaded.sign(message);
  expect(nodeCrypto.verify({ publicKey: made.publicKey, message, signature })).toBe(true);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("a missing or broken key file is KEY_UNREADABLE", () => {
  const file = path();
  expect(() => loadSigningKey(file)).toThrow(expect.objectContaining({ code: "KEY_UNREADABLE" }));
  writeFileSync(file, "not a key");
  expect(() => loadSigningKey(file)).toThrow(expect.objectContaining({ code: "KEY_UNREADABLE" }));
});
