// The thread in which one target runs: first the counters and the loader that fills them, then the target.
import { register } from "node:module";
import { workerData } from "node:worker_threads";

/** More branches than the product has; checked when a module asks for its counters. */
const branchesMax = 65_536;

globalThis.voltfogFuzz = {
  hits: new Uint8Array(branchesMax),
  branches: 0,
  literals: new Set(),
  begin(branches, literals) {
    if (branches > branchesMax) throw new Error(`${branches} branches, at most ${branchesMax}`);
    this.branches = Math.max(this.branches, branches);
    for (const literal of literals) this.literals.add(literal);
    return this.hits;
  },
};
register("./instrument-hook.mjs", import.meta.url);

const { runTarget } = await import("./run-target.ts");
await runTarget(workerData);
