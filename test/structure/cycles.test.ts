import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const cruiser = join("node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
const folders = [
  "packages/runtime/src",
  "packages/messages/src",
  "packages/battery/src",
  "packages/forecasting/src",
  "packages/market/src",
  "packages/ledger/src",
  "packages/consensus/src",
  "packages/evm/src",
  "edge-agent/src",
  "fog-rsu/src",
  "sdn-controller/src",
  "cloud/src",
  "datasets/src",
  "bench/src",
  "cli/src",
];

interface Report {
  readonly summary: {
    readonly violations: readonly { rule: { name: string }; from: string; to: string }[];
    readonly totalCruised: number;
    readonly totalDependenciesCruised: number;
  };
}

function cruise(paths: readonly string[]): Report["summary"] {
  const text = execFileSync(
    process.execPath,
    [cruiser, "--config", ".dependency-cruiser.cjs", "--output-type", "json", ...paths],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  return (JSON.parse(text) as Report).summary;
}

test("no import cycle, no dead file, no import that leads nowhere", () => {
  const summary = cruise(folders);
  // A cruiser that does not understand the sources finds no dependencies and would pass on nothing.
  expect(summary.totalCruised).toBeGreaterThan(120);
  expect(summary.totalDependenciesCruised).toBeGreaterThan(300);
  const found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  expect(found).toEqual([]);
});

test("a planted cycle and a planted dead file are found", () => {
  mkdirSync("test-results", { recursive: true });
  const folder = mkdtempSync(join("test-results", "planted-"));
  try {
    writeFileSync(
      join(folder, "a.ts"),
      'import { b } from "./b.ts";\nexport const a = (): number => b();\n',
    );
    writeFileSync(
      join(folder, "b.ts"),
      'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
    );
    writeFileSync(join(folder, "c.ts"), "export const c = 1;\n");
    const rules = cruise([folder]).violations.map(({ rule }) => rule.name);
    expect(new Set(rules)).toEqual(new Set(["no-circular", "no-orphans"]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
