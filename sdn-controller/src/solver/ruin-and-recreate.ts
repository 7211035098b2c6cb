import { type Random, SeededRandom } from "@voltfog/runtime";
import type { Candidates } from "./candidates.ts";
import { improve } from "./improve.ts";
import type { Instance } from "./instance.ts";
import type { Loads } from "./loads.ts";
import { placeAnywhere } from "./place-by-regret.ts";

/**
 * Large-neighbourhood search (Shaw 1998; acceptance by a falling threshold, Dueck and Scheuer 1990): takes
 * all functions off a few neighbouring units, puts them back by regret with some noise, improves, and keeps
 * the result where it is better or hardly worse. A function without a unit costs more than any placement,
 * so the same search makes an incomplete placement complete. Leaves the best in `loads`.
 * Repeatable: chance is seeded and the budget counts rounds.
 */
export function ruinAndRecreate(options: {
  loads: Loads;
  candidates: Candidates;
  rounds: number;
  seed: number;
  /** Proven: nothing below it is looked for. */
  bound: number;
}): void {
  const { loads, candidates, rounds } = options;
  const sizes = sizesOf(loads.instance);
  const random = new SeededRandom(options.seed);
  const outside = outsideCosts(loads);
  let present = total(loads, outside);
  let best = present;
  let bestUnits = loads.unitOf.slice();
  const startThreshold = 0.002 * options.bound;
  loads.settle();
  for (let round = 0; round < rounds && best > options.bound * (1 + 1e-7); round++) {
    const threshold = startThreshold * (1 - round / rounds);
    const isIncomplete = loads.unitOf.includes(-1);
    ruin(loads, candidates, random);
    recreate({ loads, candidates, random, sizes: isIncomplete ? sizes : undefined });
    improve({
      loads,
      candidates,
      functions: new Set(loads.movedSince(0)),
      passesMax: 8,
    });
    const reached = total(loads, outside);
    if (reached <= present + threshold) present = reached;
    else loads.undo(0);
    if (reached < best - 1e-12 * Math.abs(best)) {
      best = reached;
      bestUnits = loads.unitOf.slice();
    }
    loads.settle();
  }
  restore(loads, bestUnits);
}

/**
 * By function what it costs to have no unit: more than any two placements can differ, and the more the
 * larger it is, so that the search leaves out what is easiest to fit in later.
 */
function outsideCosts({ instance }: Loads): Float64Array {
  let highest = 0;
  for (const value of instance.cost) {
    if (value < Number.POSITIVE_INFINITY && value > highest) highest = value;
  }
  const least = 1 + highest * (instance.functions + 1);
  const sizes = sizesOf(instance);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  return sizes.map((size) => least * (1 + (largest > 0 ? size / largest : 0)));
}

/** By function its share of all that is needed, of both resources together. */
function sizesOf({ cpu, memory }: Instance): Float64Array {
  const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0) || 1;
  const [allCpu, allMemory] = [sum(cpu), sum(memory)];
  return cpu.map((value, i) => value / allCpu + (memory[i] ?? 0) / allMemory);
}

function total(loads: Loads, outside: Float64Array): number {
  const { cost, functions, units } = loads.instance;
  let sum = 0;
  for (let i = 0; i < functions; i++) {
    const j = loads.unitOf[i] ?? -1;
    sum += j < 0 ? (outside[i] ?? 0) : (cost[i * units + j] ?? 0);
  }
  return sum;
}

function restore(loads: Loads, unitOf: Int32Array): void {
  for (let i = 0; i < unitOf.length; i++) loads.move(i, -1);
  for (let i = 0; i < unitOf.length; i++) loads.move(i, unitOf[i] ?? -1);
  loads.settle();
}

/** A function by chance, its unit, and one to three more units that it would like. */
function ruin(loads: Loads, candidates: Candidates, random: Random): void {
  const seed = seedOf(loads, random);
  const from = candidates.start[seed] ?? 0;
  const count = (candidates.start[seed + 1] ?? 0) - from;
  const units = new Set<number>();
  const present = loads.unitOf[seed] ?? -1;
  if (present >= 0) units.add(present);
  const wanted = 2 + whole(random, 3);
  for (let tries = 0; tries < 8 && units.size < wanted; tries++) {
    const near = Math.floor(random.uniform() ** 2 * count);
    units.add(candidates.unit[from + near] ?? 0);
  }
  const keep = random.uniform() < 0.5 ? 0 : 0.5;
  for (const j of units) {
    const here = onUnit(loads, j);
    for (const i of here) if (random.uniform() >= keep) loads.move(i, -1);
  }
}

/** Any function; in half of the rounds one without a unit, where there is one. */
function seedOf(loads: Loads, random: Random): number {
  const any = whole(random, loads.instance.functions);
  const open = loads.unitOf.indexOf(-1);
  if (open < 0 || random.uniform() < 0.5) return any;
  const next = loads.unitOf.indexOf(-1, any);
  return next < 0 ? open : next;
}

function onUnit(loads: Loads, j: number): readonly number[] {
  const here: number[] = [];
  for (let k = loads.first[j] ?? -1; k >= 0; k = loads.next[k] ?? -1) here.push(k);
  return here;
}

/**
 * Puts back who has no unit: next comes whoever would lose most by its second choice. Where room is what
 * is missing, the larger come first in half of the rounds, each to the unit that it fills best.
 */
function recreate(o: {
  loads: Loads;
  candidates: Candidates;
  random: Random;
  /** By function; absent while every function has a unit. */
  sizes: Float64Array | undefined;
}): void {
  const { loads, candidates, random, sizes } = o;
  const open = new Set<number>();
  for (let i = 0; i < loads.unitOf.length; i++) if ((loads.unitOf[i] ?? -1) < 0) open.add(i);
  if (sizes !== undefined && random.uniform() < 0.5) {
    packBySize(loads, open, sizes, random);
    return;
  }
  const noise = random.uniform() < 0.5 ? 0 : 0.3;
  const stuck: number[] = [];
  while (open.size > 0) {
    const next = mostRegret({ loads, candidates, open, random, noise });
    open.delete(next.i);
    if (next.j >= 0) loads.move(next.i, next.j);
    else stuck.push(next.i);
  }
  for (const i of stuck) placeAnywhere(loads, i);
}

function packBySize(
  loads: Loads,
  open: ReadonlySet<number>,
  sizes: Float64Array,
  random: Random,
): void {
  const noisy = new Map(
    [...open].map((i) => [i, (sizes[i] ?? 0) * (0.8 + 0.4 * random.uniform())]),
  );
  const order = [...open].sort((a, b) => (noisy.get(b) ?? 0) - (noisy.get(a) ?? 0) || a - b);
  for (const i of order) {
    const j = tightestFit(loads, i);
    if (j >= 0) loads.move(i, j);
    else placeAnywhere(loads, i);
  }
}

/** The unit with the least room left beside a function, of both resources. */
function tightestFit(loads: Loads, i: number): number {
  const { units, cpuMax, memoryMax } = loads.instance;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < units; j++) {
    if (!loads.fits(i, j)) continue;
    const cpuLeft = 1 - (loads.usedCpu[j] ?? 0) / (cpuMax[j] || 1);
    const memoryLeft = 1 - (loads.usedMemory[j] ?? 0) / (memoryMax[j] || 1);
    const left = cpuLeft + memoryLeft;
    if (left < least) {
      least = left;
      best = j;
    }
  }
  return best;
}

function mostRegret(options: {
  loads: Loads;
  candidates: Candidates;
  open: ReadonlySet<number>;
  random: Random;
  noise: number;
}): { i: number; j: number } {
  let chosen = { i: -1, j: -1 };
  let highest = Number.NEGATIVE_INFINITY;
  for (const i of options.open) {
    const { j, regret } = twoCheapest(options.loads, options.candidates, i);
    const noisy =
      options.noise === 0
        ? regret
        : regret * (1 + options.noise * (2 * options.random.uniform() - 1));
    // The larger first where nobody has a second choice.
    if (chosen.i < 0 || noisy > highest) {
      highest = noisy;
      chosen = { i, j };
    }
  }
  return chosen;
}

function twoCheapest(
  loads: Loads,
  candidates: Candidates,
  i: number,
): { j: number; regret: number } {
  let j = -1;
  let first = 0;
  const end = candidates.start[i + 1] ?? 0;
  for (let at = candidates.start[i] ?? 0; at < end; at++) {
    const unit = candidates.unit[at] ?? 0;
    if (!loads.fits(i, unit)) continue;
    if (j >= 0) return { j, regret: (candidates.cost[at] ?? 0) - first };
    j = unit;
    first = candidates.cost[at] ?? 0;
  }
  return { j, regret: Number.MAX_VALUE };
}

function whole(random: Random, below: number): number {
  return Math.floor(random.uniform() * below);
}
