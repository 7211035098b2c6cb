import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** Calls that make a run unrepeatable; pure code asks its ports instead. */
const unrepeatable =
  /(?<![.\w])(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|randomUUID|randomBytes|performance\.now)\b/;

/** Adapters, entry points and what only ever runs in a browser or a terminal. */
const mayBeUnrepeatable = /\/src\/node\/|\/main\.ts$|^web\/|^cli\//;

/** Adapters that wrap one outside thing each. A new row needs the reason beside it. */
const adapters: Readonly<Record<string, string>> = {};

function unrepeatableLines(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => !mayBeUnrepeatable.test(path) && !Object.hasOwn(adapters, path))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .filter((line) => unrepeatable.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
}

test("pure code asks its ports for time and chance", () => {
  const files = sourceFiles();
  expect(files.filter(({ path }) => !mayBeUnrepeatable.test(path)).length).toBeGreaterThan(60);
  expect(unrepeatableLines(files)).toEqual([]);
});

test("a planted call is found, the same word in a comment is not", () => {
  const path = "packages/ledger/src/a.ts";
  expect(unrepeatableLines([{ path, text: "const t = Date.now();" }])).toHaveLength(1);
  expect(unrepeatableLines([{ path, text: " * never Date.now()" }])).toEqual([]);
  expect(unrepeatableLines([{ path: "packages/a/src/node/b.ts", text: "Date.now()" }])).toEqual([]);
});
