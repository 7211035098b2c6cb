import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSealedKey, writeSealedKey } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { openSealedSeed, sealSeed } from "./keystore.ts";

// Each try of a passphrase takes as long as it should: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const passphrase = "correct horse battery staple";
const seed = Uint8Array.from({ length: 32 }, (_, at) => at * 7);

describe("a wallet's keystore", () => {
  it("opens with its passphrase alone, and is never the same twice", async () => {
    const [text, again] = [await sealSeed(seed, passphrase), await sealSeed(seed, passphrase)];
    expect(text).not.toBe(again);
    expect(await openSealedSeed(text, passphrase)).toEqual(seed);
    expect(await openSealedSeed(text, "another")).toBe("PASSPHRASE_WRONG");
  });

  it("is the file that the programs open, and theirs opens here", async () => {
    const opened = openSealedKey(await sealSeed(seed, passphrase), passphrase);
    expect(opened.ok && opened.value.export({ format: "der", type: "pkcs8" }).subarray(16)).toEqual(
      Buffer.from(seed),
    );
    const { privateKey } = generateKeyPairSync("ed25519");
    const raw = privateKey.export({ format: "der", type: "pkcs8" }).subarray(16);
    const folder = mkdtempSync(join(tmpdir(), "voltfog-wallet-"));
    writeSealedKey(join(folder, "key"), privateKey, passphrase);
    const text = readFileSync(join(folder, "key"), "utf8");
    rmSync(folder, { recursive: true });
    expect(await openSealedSeed(text, passphrase)).toEqual(Uint8Array.from(raw));
  });

  it("that was changed, asks for the device's memory or is none does not open", async () => {
    const file = JSON.parse(await sealSeed(seed, passphrase)) as Record<string, unknown>;
    const changed = (change: object): Promise<unknown> =>
      openSealedSeed(JSON.stringify({ ...file, ...change }), passphrase);
    expect(await changed({ N: 16_384 })).toBe("PASSPHRASE_WRONG");
    expect(await changed({ nonce: "00".repeat(12) })).toBe("PASSPHRASE_WRONG");
    for (const change of [{ N: 2 ** 30 }, { N: 3 }, { r: 0 }, { p: 99 }, { kind: "secp256k1" }])
      expect(await changed(change)).toBe("KEYSTORE_DAMAGED");
  });

  it("any text gets a verdict", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        expect(await openSealedSeed(text, passphrase)).toBe("KEYSTORE_DAMAGED");
      }),
    );
  });
});
