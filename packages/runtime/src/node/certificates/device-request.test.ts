import { createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyInRequest, requestFor } from "./device-request.ts";

const key = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
const request = await requestFor(key.toString());

function bytesOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

function pemOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  return `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`;
}

test("a request gives the key of whoever made it", async () => {
  const read = await keyInRequest(request);
  expect(read.ok && read.value.equals(createPublicKey(key))).toBe(true);
});

test("a request whose key was put in place of another's is refused", async () => {
  const other = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" });
  const bytes = bytesOf(request);
  const own = createPublicKey(key).export({ format: "der", type: "spki" });
  const at = bytes.indexOf(own);
  expect(at).toBeGreaterThan(0);
  other.copy(bytes, at);
  expect(await keyInRequest(pemOf(bytes))).toEqual({
    ok: false,
    problem: { code: "CSR_INVALID", detail: "its signature is not by its key" },
  });
});

test("any text and any bytes get a verdict, never a throw", async () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map(pemOf);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), bytes), async (pem) => {
      expect(await keyInRequest(pem)).toMatchObject({ problem: { code: "CSR_INVALID" } });
    }),
  );
  expect(await keyInRequest("a".repeat(4097))).toMatchObject({ ok: false });
});
