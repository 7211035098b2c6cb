import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

const fileLinesMax = 400;
const pipelineLinesMax = 100;

/** Files over their limit. Function length and complexity are biome's rules. */
function oversized(files: readonly SourceFile[]): readonly string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(
      ({ path, lines }) =>
        lines > (path.endsWith("/pipeline.ts") ? pipelineLinesMax : fileLinesMax),
    )
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** Names that say nothing about what a file gives. */
const emptyName =
  /(^|\/)(utils?|helpers?|common|manager|misc)(\.|\/|-)|-(utils?|helpers?|manager)\./;

const files = sourceFiles();

test("files stay short and every process has a pipeline under 100 lines", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(oversized(files)).toEqual([]);
  const pipelines = files
    .filter(({ path }) => path.endsWith("/pipeline.ts"))
    .map(({ path }) => path);
  expect(pipelines.sort()).toEqual([
    "cloud/src/pipeline.ts",
    "edge-agent/src/pipeline.ts",
    "fog-rsu/src/pipeline.ts",
    "sdn-controller/src/pipeline.ts",
  ]);
});

test("file names say what the file gives", () => {
  expect(files.map(({ path }) => path).filter((path) => emptyName.test(path))).toEqual([]);
});

test("only a package's index re-exports", () => {
  const others = files
    .filter(({ path }) => !path.endsWith("/index.ts"))
    .filter(({ text }) => /^export (\*|\{[^}]*\}) from /m.test(text))
    .map(({ path }) => path);
  expect(others).toEqual([]);
});

test("planted faults are found", () => {
  const long = { path: "a/src/b.ts", text: "\n".repeat(401) };
  const pipeline = { path: "a/src/pipeline.ts", text: "\n".repeat(101) };
  expect(oversized([long, pipeline])).toHaveLength(2);
  for (const path of ["a/src/utils.ts", "a/src/string-helpers.ts", "a/src/common/b.ts"]) {
    expect(emptyName.test(path)).toBe(true);
  }
  expect(emptyName.test("a/src/outbox.ts")).toBe(false);
});
