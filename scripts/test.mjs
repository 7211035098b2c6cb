#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { installIfNeeded } from "./install-if-needed.mjs";
import { nodeVersionComplaint } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const results = join(root, "test-results");
/** More output than this from one stage ends it as failed. */
const output_bytes = 268_435_456;
/** More files than these that failed are no matter of a busy machine. */
const againMax = 5;
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

/**
 * The tests themselves, shown as they run; their totals from the machine-readable report. Files that start
 * whole sites and failed beside others are run once more, alone: what fails twice is a fault.
 */
async function runTests() {
  const start = performance.now();
  const projects = ["unit", "structure", "system", "hardening"];
  const every = projects.flatMap((name) => ["--project", name]);
  const first = runVitest("vitest.json", [...every, ...vitestArguments]);
  const missed = [...first.files].filter(([, file]) => file.failed > 0).map(([path]) => path);
  let files = first.files;
  let passed = first.passed;
  if (missed.length > 0 && missed.length <= againMax && missed.every(startsWholeSites)) {
    await print(`\nrun once more, alone: ${missed.join(", ")}\n`);
    const again = runVitest("vitest-again.json", ["--no-file-parallelism", ...missed]);
    files = new Map([...files, ...again.files]);
    passed = again.passed && missed.every((path) => again.files.has(path));
  }
  const totals = { passed: 0, failed: 0 };
  for (const file of files.values()) {
    totals.passed += file.passed;
    totals.failed += file.failed;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const stagePassed = passed && totals.passed > 0 && totals.failed === 0;
  const twice = missed.length > 0 && stagePassed ? `; run twice: ${missed.join(", ")}` : "";
  await print(`${stagePassed ? "✓" : "✗"} tests (${seconds} s${twice})\n`);
  return { ...totals, stagePassed };
}

function runVitest(fileName, args) {
  const report = join(results, fileName);
  rmSync(report, { force: true });
  mkdirSync(results, { recursive: true });
  const run = spawnSync(
    process.execPath,
    [
      join(modules, "vitest", "vitest.mjs"),
      "run",
      ...args,
      "--reporter=default",
      "--reporter=json",
      `--outputFile=${report}`,
    ],
    { cwd: root, stdio: ["ignore", 1, 2] },
  );
  return { passed: run.status === 0, files: readTotals(report) };
}

function startsWholeSites(path) {
  return /^test\/(system|faults|forgery)\//.test(path);
}

/** How many tests of each file passed and failed; a file that failed as a whole counts as one. */
function readTotals(report) {
  const files = new Map();
  if (!existsSync(report)) return files;
  for (const { name, status, assertionResults } of JSON.parse(readFileSync(report, "utf8"))
    .testResults) {
    const count = (wanted) => assertionResults.filter((one) => one.status === wanted).length;
    const failed = count("failed");
    files.set(relative(root, name), {
      passed: count("passed"),
      failed: status === "failed" ? Math.max(failed, 1) : failed,
    });
  }
  return files;
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
