import { readFileSync } from "node:fs";
import { leavesEntry, refusalCodes } from "@voltfog/messages";
import { expect, test } from "vitest";

test("the page for operators names every code of a refusal, and whether it leaves an entry", () => {
  const page = readFileSync("docs/operations/refusals.md", "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\|.*\| (yes|no) +\| (.+) \|$/gm)];
  expect(rows.map(([, code]) => code)).toEqual(refusalCodes);
  for (const [, code, entry] of rows) {
    expect([code, entry]).toEqual([code, leavesEntry(code as never) ? "yes" : "no"]);
  }
});
