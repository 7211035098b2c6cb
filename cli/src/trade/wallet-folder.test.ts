import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseHandle, WalletFolder, walletFolder } from "./wallet-folder.ts";

let root: string;
let wallet: WalletFolder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "voltfog-wallet-"));
  wallet = new WalletFolder(join(root, "keys"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const coded = (code: string): unknown => expect.objectContaining({ code });

describe("a wallet", () => {
  it("opens a key with the passphrase that sealed it and with no other", () => {
    const made = wallet.create("ada", "correct horse");
    const opened = wallet.open("ada", "correct horse");
    expect(opened.publicKey).toEqual(made.publicKey);
    const message = Uint8Array.of(1, 2, 3);
    const signature = opened.sign(message);
    expect(nodeCrypto.verify({ publicKey: made.publicKey, message, signature })).toBe(true);
    expect(() => wallet.open("ada", "wrong horse")).toThrow(coded("PASSPHRASE_WRONG"));
    expect(() => wallet.open("ben", "correct horse")).toThrow(coded("KEY_UNKNOWN"));
  });

  it("never writes a key in the open, or over another", () => {
    wallet.create("ada", "correct horse");
    expect(statSync(wallet.keyFile("ada")).mode & 0o077).toBe(0);
    expect(readFileSync(wallet.keyFile("ada"), "utf8")).not.toMatch(/PRIVATE/);
    expect(() => wallet.create("ada", "another")).toThrow(coded("KEY_EXISTS"));
  });

  it("remembers who is logged in, and which vehicles were linked", () => {
    expect(wallet.current()).toBeUndefined();
    wallet.create("ada", "correct horse");
    wallet.login("ada");
    expect(wallet.current()).toBe("ada");
    const note = {
      ...{
        version: 1 as const,
        handle: "ada",
        key: "ab",
        chainId: "00",
        url: "http://127.0.0.1:8080",
      },
      vehicles: { ab: "vehicle.key" },
    };
    wallet.remember(note);
    expect(wallet.note("ada")).toEqual(note);
    expect(wallet.note("ben")).toBeUndefined();
  });

  it("takes handles that cannot name another file", () => {
    expect(parseHandle("ada-1")).toBe("ada-1");
    for (const text of ["", "ab", "Ada", "../key", "a/b", "x".repeat(33)]) {
      expect(() => parseHandle(text)).toThrow(coded("HANDLE_INVALID"));
    }
  });

  it("lies where the flag says, then the environment, then at home", () => {
    expect(walletFolder("a", { VOLTFOG_WALLET: "b" })).toBe("a");
    expect(walletFolder(undefined, { VOLTFOG_WALLET: "b" })).toBe("b");
    expect(walletFolder(undefined, {})).toMatch(/\.voltfog-wallet$/);
  });
});
