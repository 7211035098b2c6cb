import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Genesis } from "@voltfog/ledger";
import { afterEach, beforeEach, expect, it } from "vitest";
import { siteSources } from "./site-sources.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function sourcesOf(...files: readonly string[]): Promise<readonly string[]> {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "content");
  }
  const genesis: Pick<Genesis, "units" | "validators"> = { units: [], validators: [] };
  const listener = { log: () => {}, blocks: () => {} };
  const paths: string[] = [];
  for await (const { path } of siteSources({ root, genesis: genesis as Genesis, listener })) {
    paths.push(path);
  }
  return paths.sort();
}

it("takes of the cloud what no log has, as a copy that is whole, and nothing else", async () => {
  const taken = await sourcesOf(
    "cloud/telemetry.duckdb",
    "cloud/maintenance.duckdb",
    "cloud/maintenance.duckdb.wal",
    "cloud/maintenance.copy.duckdb",
    "cloud/maintenance.copy.duckdb.part",
    "cloud/access/audit.jsonl",
  );
  expect(taken).toEqual(["cloud/maintenance.copy.duckdb"]);
});

it("leaves out what a run writes at its start", async () => {
  const taken = await sourcesOf("config/cloud.json", "logs/cloud.log", "up.json", "keys/ca.key");
  expect(taken).toEqual(["keys/ca.key"]);
});
