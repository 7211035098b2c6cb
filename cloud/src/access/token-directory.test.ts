import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TokenDirectory } from "./token-directory.ts";
import { encodeTokenFile, type TokenRow } from "./token-file.ts";

let folder: string;
let path: string;
const clock = new ManualClock();
const ports = { clock, logger: silentLogger };
const token = `vf_${"7".repeat(64)}`;
const row: TokenRow = {
  id: "t-1",
  hash: createHash("sha256").update(token).digest("hex"),
  role: "auditor",
  expires_ms: 5,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tokens-"));
  path = join(folder, "tokens.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("tokens come, stay while the file is damaged, and go with the file, each within a second", () => {
  const tokens = new TokenDirectory(path, ports);
  tokens.start();
  expect(tokens.rowOf(token)).toBeUndefined();
  writeFileSync(path, encodeTokenFile([row]));
  clock.advance(1000);
  expect(tokens.rowOf(token)).toEqual(row);
  expect(tokens.rowOf(`${token}0`)).toBeUndefined();
  writeFileSync(path, "{");
  clock.advance(1000);
  expect(tokens.rowOf(token)).toEqual(row);
  rmSync(path);
  clock.advance(1000);
  expect(tokens.rowOf(token)).toBeUndefined();
  tokens.stop();
  writeFileSync(path, encodeTokenFile([row]));
  clock.advance(5000);
  expect(tokens.rowOf(token)).toBeUndefined();
});

test("a file that is damaged at the start is refused with its name", () => {
  writeFileSync(path, "{}");
  expect(() => new TokenDirectory(path, ports)).toThrow(path);
});
