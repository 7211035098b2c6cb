import { expect, test } from "vitest";
import { forbiddenImports, importTable, loadedTooEarly } from "./import-table.ts";
import { ownerOf, sourceFiles } from "./source-files.ts";

const files = sourceFiles();

test("every folder imports only what the table allows", () => {
  expect(forbiddenImports(files)).toEqual([]);
});

test("no process loads Ethereum's libraries before it uses them", () => {
  expect(loadedTooEarly(files)).toEqual([]);
  const path = "fog-rsu/src/a.ts";
  expect(loadedTooEarly([{ path, text: 'import { x } from "@voltfog/evm/node";' }])).toEqual([
    path,
  ]);
  expect(loadedTooEarly([{ path, text: 'import type { x } from "@voltfog/evm/node";' }])).toEqual(
    [],
  );
});

test("the walk saw every folder of the table and enough files in it", () => {
  const counts = countByOwner();
  for (const owner of Object.keys(importTable)) {
    expect(counts.get(owner) ?? 0, owner).toBeGreaterThanOrEqual(owner === "datasets" ? 2 : 4);
  }
  for (const owner of counts.keys()) expect(Object.keys(importTable)).toContain(owner);
});

test.each([
  ["packages/messages/src/a.ts", 'import { x } from "@voltfog/ledger";'],
  ["packages/messages/src/a.ts", 'import type { x } from "@voltfog/ledger/node";'],
  ["packages/ledger/src/a.ts", 'import { readFileSync } from "node:fs";'],
  ["web/src/a.ts", 'import { x } from "@voltfog/runtime";'],
  ["cloud/src/api/a.ts", 'import { x } from "@duckdb/node-api";'],
  ["fog-rsu/src/log/a.ts", 'const a = await import("aedes");'],
  ["edge-agent/src/a.ts", 'export * from "@voltfog/fog-rsu";'],
  ["cloud/src/a.ts", 'import { x } from "../../fog-rsu/src/x.ts";'],
  ["nowhere/src/a.ts", 'import { x } from "@voltfog/runtime";'],
])("a planted fault is found: %s with %s", (path, text) => {
  expect(forbiddenImports([{ path, text }])).toHaveLength(1);
});

test.each([
  ["packages/ledger/src/node/a.ts", 'import { readFileSync } from "node:fs";'],
  ["cloud/src/store/a.ts", 'import { x } from "@duckdb/node-api";'],
  ["cloud/src/store/a.ts", 'import { x } from "../api/x.ts";'],
  ["fog-rsu/src/a.ts", 'import { x } from "@voltfog/ledger/node";'],
])("a rightful import passes: %s with %s", (path, text) => {
  expect(forbiddenImports([{ path, text }])).toEqual([]);
});

function countByOwner(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(ownerOf(path), (counts.get(ownerOf(path)) ?? 0) + 1);
  return counts;
}
