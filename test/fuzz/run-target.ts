import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { messageOf, SeededRandom, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { Mutator } from "./mutator.ts";
import type { FuzzTarget } from "./target.ts";

/** What the thread is told, and what it shares with the thread that watches it. */
export interface Assignment {
  readonly name: string;
  /** Module whose `targets` hold the target. */
  readonly module: string;
  readonly seconds: number;
  readonly seed: number;
  /** Corpus and crashes of this target. */
  readonly folder: string;
  /** u32 count of executions, u32 length, then the input that is being read. */
  readonly current: SharedArrayBuffer;
}

export interface Summary {
  readonly executions: number;
  readonly branches: { readonly seeds: number; readonly reached: number; readonly all: number };
  readonly corpus: number;
  readonly slowest_ms: number;
  readonly crashes: readonly string[];
}

interface Counters {
  readonly hits: Uint8Array;
  readonly branches: number;
  readonly literals: ReadonlySet<string | number>;
}

const lengthMax_bytes = 8192;
/** Different crashes of one target; the rest would say the same again. */
const crashesMax = 10;

/** 1, 2, 3, 4–7, 8–15, 16–31, 32–127, more: a loop that runs much longer is news, once more is not. */
const classes = Uint8Array.from({ length: 256 }, (_, count) => {
  return [2, 3, 4, 8, 16, 32, 128].filter((from) => count >= from).length;
});

export async function runTarget(assignment: Assignment): Promise<void> {
  const { name, module, folder } = assignment;
  const { targets } = (await import(module)) as { targets: readonly FuzzTarget[] };
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  mkdirSync(join(folder, "corpus"), { recursive: true });
  const seeds = [...(await target.seeds()), new Uint8Array(), ...storedIn(join(folder, "corpus"))];
  const search = new Search(assignment, target);
  for (const seed of seeds) await search.try(seed, true);
  const reachedBySeeds = search.reached;
  const end_ms = performance.now() + assignment.seconds * 1000;
  while (performance.now() < end_ms && search.crashes.length < crashesMax) {
    for (let i = 0; i < 200; i++) await search.next();
  }
  const summary: Summary = {
    executions: search.executions,
    branches: { seeds: reachedBySeeds, reached: search.reached, all: search.branches },
    corpus: search.corpus.length,
    slowest_ms: search.slowest_ms,
    crashes: search.crashes,
  };
  parentPort?.postMessage(summary);
}

/** Keeps every input that takes a branch, or takes one markedly more often, that none took before. */
class Search {
  readonly corpus: Uint8Array[] = [];
  readonly crashes: string[] = [];
  executions = 0;
  slowest_ms = 0;
  readonly #assignment: Assignment;
  readonly #target: FuzzTarget;
  readonly #counters: Counters;
  /** For each branch the classes of counts that were seen, a bit each. */
  readonly #seen: Uint8Array;
  readonly #mutator: Mutator;
  readonly #random: SeededRandom;
  readonly #head: Uint32Array;
  readonly #shared: Uint8Array;
  readonly #reasons = new Set<string>();

  constructor(assignment: Assignment, target: FuzzTarget) {
    this.#assignment = assignment;
    this.#target = target;
    this.#counters = (globalThis as unknown as { voltfogFuzz: Counters }).voltfogFuzz;
    this.#seen = new Uint8Array(this.#counters.branches);
    this.#random = new SeededRandom(assignment.seed);
    const { literals } = this.#counters;
    this.#mutator = new Mutator({ random: this.#random, literals, lengthMax_bytes });
    this.#head = new Uint32Array(assignment.current, 0, 2);
    this.#shared = new Uint8Array(assignment.current, 8);
  }

  /** Branches taken so far. */
  get reached(): number {
    return this.#seen.reduce((sum, classes) => sum + (classes === 0 ? 0 : 1), 0);
  }

  get branches(): number {
    return this.#seen.length;
  }

  async next(): Promise<void> {
    const input = this.#mutator.change(this.#pick(), this.#pick());
    await this.try(input, false);
  }

  async try(input: Uint8Array, isSeed: boolean): Promise<void> {
    this.#show(input);
    this.#counters.hits.fill(0, 0, this.#seen.length);
    const start_ms = performance.now();
    try {
      const running = this.#target.run(input);
      // Most are done by now, and waiting costs.
      if (running instanceof Promise) await running;
    } catch (thrown) {
      this.#crashed(input, thrown);
    }
    this.slowest_ms = Math.max(this.slowest_ms, performance.now() - start_ms);
    this.executions++;
    if (!this.#isNew() && this.corpus.length > 0) return;
    this.corpus.push(input.slice());
    if (!isSeed) writeFileSync(join(this.#assignment.folder, "corpus", nameOf(input)), input);
  }

  /** The newer half is where the search is; the older half is where it came from. */
  #pick(): Uint8Array {
    const { length } = this.corpus;
    const from = this.#random.uniform() < 0.5 ? Math.floor(length / 2) : 0;
    return this.corpus[from + Math.floor(this.#random.uniform() * (length - from))] as Uint8Array;
  }

  /** So that the watching thread has the input when this one never comes back. */
  #show(input: Uint8Array): void {
    this.#shared.set(input.subarray(0, this.#shared.length));
    this.#head[1] = input.length;
    Atomics.add(this.#head, 0, 1);
  }

  #isNew(): boolean {
    const { hits } = this.#counters;
    let isNew = false;
    for (let i = 0; i < this.#seen.length; i++) {
      const count = hits[i] as number;
      if (count === 0) continue;
      const seen = this.#seen[i] as number;
      const now = seen | (1 << (classes[count] as number));
      if (now === seen) continue;
      this.#seen[i] = now;
      isNew = true;
    }
    return isNew;
  }

  #crashed(input: Uint8Array, thrown: unknown): void {
    const place = thrown instanceof Error ? (thrown.stack ?? "").split("\n")[1] : "";
    const reason = `${messageOf(thrown)} ${place?.trim() ?? ""}`;
    if (this.#reasons.has(reason) || this.crashes.length >= crashesMax) return;
    this.#reasons.add(reason);
    const file = join(this.#assignment.folder, `crash-${nameOf(input)}`);
    writeFileSync(file, input);
    this.crashes.push(`${reason}: ${file}`);
  }
}

function storedIn(folder: string): Uint8Array[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

export function nameOf(input: Uint8Array): string {
  return toHex(nodeCrypto.sha256(input)).slice(0, 16);
}
