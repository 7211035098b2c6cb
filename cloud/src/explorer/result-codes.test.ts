import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wordsOfCode } from "./result-codes.ts";

const modules = join("packages", "ledger", "src", "modules");
const unknown = wordsOfCode("OF_ANOTHER_PROGRAM");

test("every code that a module of the chain gives is explained", () => {
  const codes = readdirSync(modules, { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .flatMap((name) => [
      ...readFileSync(join(modules, name), "utf8").matchAll(/"([A-Z]{4,}(?:_[A-Z]+)*)"/g),
    ])
    .map(([, code = ""]) => code)
    .filter((code) => code !== "MALFORMED"); // Never on the chain: such a transaction is in no block.
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => wordsOfCode(code).meaning === unknown.meaning)).toEqual([]);
});

test("a refusal says what to do", () => {
  expect(wordsOfCode("INCONSISTENT").remedy).toContain("audit");
  expect(wordsOfCode("OK").remedy).toBe(null);
  expect(wordsOfCode("toString").meaning).toBe(unknown.meaning);
});
