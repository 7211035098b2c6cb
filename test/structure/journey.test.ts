import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importTable } from "./import-table.ts";

const architecture = readFileSync("ARCHITECTURE.md", "utf8");

/** Repository paths that a Markdown text links to. */
function linkedPaths(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
}

test("every step of the journey names a place that exists", () => {
  const paths = linkedPaths(architecture);
  expect(paths.length).toBeGreaterThan(15);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  expect(linkedPaths("see [x](no/such/place)").filter((path) => existsSync(path))).toEqual([]);
});

test("the table that people read names the folders that the check uses", () => {
  const table = architecture.slice(architecture.indexOf("## Who may import whom"));
  for (const folder of Object.keys(importTable)) {
    expect(table, folder).toContain(folder.split("/").at(-1));
  }
});
