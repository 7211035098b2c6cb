import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** The engines that exist only to be compared with, and the only folders that may know them. */
const comparison = /^packages\/consensus\/src\/(node\/)?comparison\//;
const measuring = /^bench\//;

/** Files that could start a comparison engine and are no part of a benchmark. */
function startersOf(files: readonly SourceFile[]): readonly string[] {
  const imported =
    /(?:\bfrom|\bimport)\s*\(?\s*"(?:@voltfog\/consensus\/comparison|\.[^"]*\/comparison\/)/;
  return files
    .filter(({ path }) => !comparison.test(path) && !measuring.test(path))
    .filter(({ text }) => imported.test(text))
    .map(({ path }) => path);
}

test("nothing but a benchmark can start an engine that exists to be compared with", () => {
  const files = sourceFiles();
  expect(files.filter(({ path }) => comparison.test(path)).length).toBeGreaterThan(5);
  expect(startersOf(files)).toEqual([]);
});

test("a planted start in the product is found", () => {
  const node = 'import { ComparisonNode } from "@voltfog/consensus/comparison-node";';
  const inside = 'export { createRaft } from "../comparison/raft.ts";';
  const late = 'const { ComparisonNode } = await import("@voltfog/consensus/comparison-node");';
  expect(
    startersOf([
      { path: "fog-rsu/src/site.ts", text: node },
      { path: "packages/consensus/src/node/index.ts", text: inside },
      { path: "cli/src/up/up.ts", text: late },
      { path: "bench/src/engines/battery/run.ts", text: node },
    ]),
  ).toEqual(["fog-rsu/src/site.ts", "packages/consensus/src/node/index.ts", "cli/src/up/up.ts"]);
});
