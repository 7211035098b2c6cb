import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** The closed list, kept where the linter enforces it on declarations: biome.json. */
const suffixes = new Set(
  /\(\?:_\(\?:([^)]*)\)\)/.exec(readFileSync("biome.json", "utf8"))?.[1]?.split("|"),
);

/** Words that name a quantity; a number declared under one of them must say its unit. */
const quantity =
  /^(?:.*(?:[a-z](?=Voltage|Current|Temperature|Timeout|Interval|Delay|Duration|Latency|Age|Capacity|Power|Energy))|)(voltage|current|temperature|timeout|interval|delay|duration|latency|age|capacity|power|energy)$/i;

const declared = /\b(?:readonly |const |let )?([a-z][A-Za-z0-9]*)(_[A-Za-z_]+)?\??: number\b/g;
/** Declared or used by us: a property that is read off a record of another system is not. */
const suffixed = /(?<!\.)\b[a-z][A-Za-z0-9]*_([A-Za-z]+)\b/g;

function bareQuantities(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(declared)]
      .filter(([, name = "", suffix]) => suffix === undefined && quantity.test(name))
      .map(([, name]) => `${path}: ${name} has no unit`),
  );
}

function unknownSuffixes(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    [...withoutText(text).matchAll(suffixed)]
      .filter(([, suffix = ""]) => !suffixes.has(suffix) && !/^[A-Z_]+$/.test(suffix))
      .map(([name]) => `${path}: ${name}`),
  );
}

/** Source without comments and quoted text, where snake_case of other systems may stand. */
function withoutText(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

const files = sourceFiles().filter(({ path }) => path.endsWith(".ts"));

test("a declared number of a physical or time quantity names its unit", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(bareQuantities(files)).toEqual([]);
});

test("every suffix is one of the closed list", () => {
  const seen = files.reduce(
    (sum, { text }) => sum + [...withoutText(text).matchAll(suffixed)].length,
    0,
  );
  expect(suffixes.size).toBeGreaterThan(20);
  expect(seen).toBeGreaterThan(500);
  expect(unknownSuffixes(files)).toEqual([]);
});

test("planted faults are found", () => {
  const path = "packages/battery/src/a.ts";
  expect(bareQuantities([{ path, text: "function f(packVoltage: number) {}" }])).toHaveLength(1);
  expect(bareQuantities([{ path, text: "readonly timeout: number;" }])).toHaveLength(1);
  expect(bareQuantities([{ path, text: "readonly timeout_ms: number;" }])).toEqual([]);
  expect(unknownSuffixes([{ path, text: "const speed_kmh = 5;" }])).toHaveLength(1);
  expect(unknownSuffixes([{ path, text: 'sql("from last_seen")' }])).toEqual([]);
});
