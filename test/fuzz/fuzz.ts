import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type Assignment, nameOf, type Summary } from "./run-target.ts";
import type { FuzzTarget } from "./target.ts";

const modules = [
  ...[
    "messages",
    "ledger",
    "consensus",
    "processes",
    "site",
    "chargers",
    "charging",
    "charger-files",
    "piles",
    "v2v",
  ],
  "planted",
];
const folder = join("test-results", "fuzz");
const inputMax_bytes = 65_536;
/** One input never takes so long; decoders promise bounded work. */
const hangLimit_ms = 10_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string" },
    seed: { type: "string", default: "1" },
    list: { type: "boolean", default: false },
  },
});

interface Named {
  readonly name: string;
  readonly module: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  const all = await namedTargets();
  if (values.list) {
    for (const { name } of all) print(name);
    return 0;
  }
  const isPlanted = (name: string): boolean => name.startsWith("planted");
  const chosen = all.filter(({ name }) =>
    values.target === undefined ? !isPlanted(name) : name === values.target,
  );
  if (chosen.length === 0 || !(seconds > 0) || !Number.isInteger(seed)) {
    print(`usage: npm run fuzz -- [--seconds N] [--target NAME] [--seed N] [--list]`);
    print(`targets: ${all.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  print(`seed ${seed}, ${seconds} s each; corpus and crashes are in ${folder}`);
  print(
    "| target | executions | per second | branches: seeds → reached | corpus | slowest ms | found |",
  );
  print("|---|---|---|---|---|---|---|");
  let found = 0;
  for (const target of chosen) found += await fuzz(target, { seconds, seed });
  return found === 0 ? 0 : 1;
}

async function namedTargets(): Promise<readonly Named[]> {
  const lists = await Promise.all(
    modules.map(async (name) => {
      const module = new URL(`./targets/${name}.ts`, import.meta.url).href;
      const { targets } = (await import(module)) as { targets: readonly FuzzTarget[] };
      return targets.map((target) => ({ name: target.name, module }));
    }),
  );
  return lists.flat();
}

/** Runs one target in a thread of its own, which may hang or run out of memory; counts what it found. */
async function fuzz(target: Named, limits: { seconds: number; seed: number }): Promise<number> {
  const current = new SharedArrayBuffer(8 + inputMax_bytes);
  const assignment: Assignment = {
    ...target,
    ...limits,
    folder: join(folder, target.name),
    current,
  };
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
    workerData: assignment,
    execArgv: ["--conditions=source", "--enable-source-maps", "--no-warnings"],
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  const outcome = await Promise.race([
    new Promise<Summary>((resolve) => worker.once("message", resolve)),
    new Promise<string>((resolve) => {
      worker.once("error", (thrown) => resolve(`ended: ${thrown.stack ?? thrown}`));
    }),
    hung(current),
  ]);
  await worker.terminate();
  if (typeof outcome === "string") {
    print(`| ${target.name} | | | | | | ${outcome}: ${keep(current, assignment.folder)} |`);
    return 1;
  }
  const { executions, branches, corpus, slowest_ms, crashes } = outcome;
  const rate = Math.round(executions / limits.seconds);
  const reached = `${branches.seeds} → ${branches.reached}`;
  const cells = [target.name, executions, rate, reached, corpus, slowest_ms.toFixed(1)];
  print(`| ${cells.join(" | ")} | ${crashes.join("; ") || "nothing"} |`);
  return crashes.length;
}

/** Resolves when the same input has been read for longer than any may take. */
function hung(current: SharedArrayBuffer): Promise<string> {
  const head = new Uint32Array(current, 0, 2);
  return new Promise((resolve) => {
    let last = -1;
    const timer = setInterval(() => {
      const count = Atomics.load(head, 0);
      if (count > 0 && count === last) {
        clearInterval(timer);
        resolve(`one input took over ${hangLimit_ms / 1000} s`);
      }
      last = count;
    }, hangLimit_ms);
    timer.unref();
  });
}

/** Writes the input that was being read, and says where. */
function keep(current: SharedArrayBuffer, place: string): string {
  const length = new Uint32Array(current, 0, 2)[1] ?? 0;
  const input = new Uint8Array(current, 8).slice(0, length);
  mkdirSync(place, { recursive: true });
  const file = join(place, `crash-${nameOf(input)}`);
  writeFileSync(file, input);
  return file;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
