import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSigningKey } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addressOf, createAnchorKey, loadAnchorKey } from "./anchor-key.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-anchor-key-"));
  path = join(folder, "anchor.key");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("a key is read as it was made, plain or sealed with a passphrase, by its owner alone", () => {
  const plain = createAnchorKey(path);
  expect(addressOf(loadAnchorKey(path))).toBe(addressOf(plain));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const sealed = createAnchorKey(path, "correct horse");
  expect(addressOf(loadAnchorKey(path, "correct horse"))).toBe(addressOf(sealed));
  expect(() => loadAnchorKey(path, "wrong")).toThrow(/passphrase/);
  expect(() => loadAnchorKey(path)).toThrow(path);
});

it("anything else is refused with the file's name", () => {
  createSigningKey(path);
  expect(() => loadAnchorKey(path)).toThrow(/no secp256k1 key/);
  writeFileSync(path, "rubbish");
  expect(() => loadAnchorKey(path)).toThrow(path);
  expect(() => loadAnchorKey(join(folder, "nothing"))).toThrow(/ENOENT/);
});
