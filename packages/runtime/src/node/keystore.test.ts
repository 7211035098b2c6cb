import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import {
  isKeystore,
  openSealedKey,
  readPassphrase,
  readSealedKey,
  sealKey,
  writeSealedKey,
} from "./keystore.ts";

const folder = mkdtempSync(join(tmpdir(), "voltfog-keystore-"));
afterAll(() => rmSync(folder, { recursive: true }));
const passphrase = "correct horse battery staple";
const { privateKey } = generateKeyPairSync("ed25519");

test("a sealed key opens with its passphrase, is its owner's file, and shows nothing of itself", () => {
  const path = join(folder, "vote.json");
  writeSealedKey(path, privateKey, passphrase);
  expect(isKeystore(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readSealedKey(path, passphrase).equals(privateKey)).toBe(true);
  expect(() => readSealedKey(path, "another")).toThrow(
    expect.objectContaining({ code: "PASSPHRASE_WRONG" }),
  );
});

test("keys of other curves are sealed alike, and the same key never twice the same way", () => {
  const { privateKey: anchor } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const [one, two] = [sealKey(anchor, passphrase), sealKey(anchor, passphrase)];
  expect(one).not.toBe(two);
  const opened = openSealedKey(one, passphrase);
  expect(opened.ok && createPublicKey(opened.value).asymmetricKeyDetails).toMatchObject({
    namedCurve: "secp256k1",
  });
});

test("a file that was changed anywhere does not open", () => {
  const file = JSON.parse(sealKey(privateKey, passphrase)) as Record<string, unknown>;
  const flipped = (hex: unknown): string =>
    `${String(hex).startsWith("0") ? "1" : "0"}${String(hex).slice(1)}`;
  const changes = [
    { kind: "secp256k1" },
    { salt: flipped(file["salt"]) },
    { nonce: flipped(file["nonce"]) },
    { sealed: flipped(file["sealed"]) },
    { N: 16_384 },
  ];
  for (const change of changes) {
    const opened = openSealedKey(JSON.stringify({ ...file, ...change }), passphrase);
    expect(opened).toMatchObject({ ok: false, problem: { code: "PASSPHRASE_WRONG" } });
  }
});

test("a file that asks for a machine's memory, or is none, is refused before any work", () => {
  const file = JSON.parse(sealKey(privateKey, passphrase)) as Record<string, unknown>;
  const refused = [
    ...[{ N: 2 ** 30 }, { N: 3 }, { r: 0 }, { p: 99 }, { version: 2 }, { more: 1 }].map((change) =>
      JSON.stringify({ ...file, ...change }),
    ),
    "",
    "null",
    "[]",
    " ".repeat(20_000),
  ];
  for (const text of refused) {
    expect(openSealedKey(text, passphrase)).toMatchObject({
      ok: false,
      problem: { code: "KEYSTORE_DAMAGED" },
    });
  }
});

test("any text gets a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(openSealedKey(text, passphrase).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test("the passphrase is a file's first line, else the environment's, else it is asked for", () => {
  const file = join(folder, "passphrase");
  writeFileSync(file, "from the file\nsecond line\n");
  const environment = { VOLTFOG_PASSPHRASE: "from the environment" };
  expect(readPassphrase({ file, environment })).toBe("from the file");
  expect(readPassphrase({ file: "", environment })).toBe("from the environment");
  for (const missing of ["", join(folder, "nowhere")]) {
    expect(() => readPassphrase({ file: missing, environment: {} })).toThrow(
      expect.objectContaining({ code: "PASSPHRASE_MISSING" }),
    );
  }
});
