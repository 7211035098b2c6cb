#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installIfNeeded } from "./install-if-needed.mjs";
import { nodeVersionComplaint } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const results = join(root, "test-results", "vitest.json");
/** More output than this from one stage ends it as failed. */
const output_bytes = 268_435_456;
const vitestArguments = process.argv.slice(2);

/**
 * The stages before the tests. All run, also after one failed, so that one run shows everything. The
 * import table, cycles, sizes and unit suffixes are tests of their own in test/structure.
 */
const stages = [
  { name: "build", args: [join(root, "scripts", "build.mjs")] },
  {
    name: "types of the tests",
    args: [join(modules, "@typescript", "native", "bin", "tsc"), "-p", "tsconfig.tests.json"],
  },
  {
    name: "lint",
    args: [join(modules, "@biomejs", "biome", "bin", "biome"), "ci", "--colors=off", "."],
  },
  { name: "dead code", args: [join(modules, "knip", "bin", "knip.js")] },
  {
    name: "web types",
    args: [
      join(modules, "svelte-check", "bin", "svelte-check"),
      "--workspace",
      "web",
      "--tsconfig",
      "./tsconfig.json",
    ],
    needs: "web/index.html",
  },
];

/** Resolves once the text has left, so that a stage after it cannot write before it. */
function print(text) {
  return new Promise((resolve) => process.stdout.write(text, resolve));
}

async function runStage({ name, args, needs }) {
  if (needs !== undefined && !existsSync(join(root, needs))) {
    await print(`✗ ${name}: ${needs} is missing\n`);
    return false;
  }
  const start = performance.now();
  const run = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: output_bytes,
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const passed = run.status === 0;
  if (!passed) await print(`${run.stdout}${run.stderr}`);
  await print(`${passed ? "✓" : "✗"} ${name} (${seconds} s)\n`);
  return passed;
}

/** The tests themselves, shown as they run; their totals from the machine-readable report. */
async function runTests() {
  rmSync(results, { force: true });
  mkdirSync(dirname(results), { recursive: true });
  const start = performance.now();
  const run = spawnSync(
    process.execPath,
    [
      join(modules, "vitest", "vitest.mjs"),
      "run",
      ...["unit", "structure", "system", "hardening"].flatMap((name) => ["--project", name]),
      "--reporter=default",
      "--reporter=json",
      `--outputFile=${results}`,
      ...vitestArguments,
    ],
    { cwd: root, stdio: ["ignore", 1, 2] },
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const totals = readTotals();
  const passed = run.status === 0 && totals.passed > 0 && totals.failed === 0;
  await print(`${passed ? "✓" : "✗"} tests (${seconds} s)\n`);
  return { ...totals, stagePassed: passed };
}

function readTotals() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

async function main() {
  const complaint = nodeVersionComplaint();
  if (complaint !== undefined || !installIfNeeded(root)) {
    process.stderr.write(`${complaint ?? "npm ci failed, its output is above"}\n`);
    await print("0 passed, 1 failed\n");
    return 1;
  }
  const outcomes = [];
  for (const stage of stages) outcomes.push(await runStage(stage));
  const tests = await runTests();
  outcomes.push(tests.stagePassed);
  const stagesPassed = outcomes.filter(Boolean).length;
  const failed = tests.failed + outcomes.length - stagesPassed;
  await print(`${tests.passed + stagesPassed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
