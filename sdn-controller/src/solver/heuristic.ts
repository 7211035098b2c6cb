import { type Candidates, candidatesOf } from "./candidates.ts";
import { type CapacityPrices, priceCapacities } from "./capacity-prices.ts";
import { improve } from "./improve.ts";
import { costOf, type Instance } from "./instance.ts";
import { Loads } from "./loads.ts";
import { placeByRegret } from "./place-by-regret.ts";
import { ruinAndRecreate } from "./ruin-and-recreate.ts";

/** How hard the heuristic tries. More is never worse for cost, and slower. */
export interface Effort {
  /** Units looked at for each function; all others only where these are full. */
  readonly candidatesMax: number;
  readonly priceSteps: number;
  readonly rounds: number;
}

export interface HeuristicResult {
  /** By function its unit; −1 where none was found, which proves nothing. */
  readonly unitOf: Int32Array;
  /** Infinity while a function has no unit. */
  readonly cost: number;
  /** No placement costs less. */
  readonly bound: number;
  readonly prices: CapacityPrices;
  readonly candidates: Candidates;
}

/** By size, so that small problems come near the optimum and the largest stay within seconds. */
export function effortFor(instance: Instance): Effort {
  const { functions, units } = instance;
  if (functions * units > 1_000_000) return { candidatesMax: 24, priceSteps: 120, rounds: 0 };
  return {
    candidatesMax: Math.min(units, 32),
    priceSteps: 300,
    rounds: Math.min(4000, Math.ceil(800_000 / Math.max(1, functions))),
  };
}

/**
 * Greedy by regret at capacity prices, local search, then ruin and recreate. Repeatable.
 * Every function must have at least one allowed unit (see impossibility.ts).
 */
export function placeHeuristically(
  instance: Instance,
  effort: Effort = effortFor(instance),
): HeuristicResult {
  const candidates = candidatesOf(instance, effort.candidatesMax);
  const free = greedy(instance, candidates, noPrices(instance));
  const atBest = lowestSum(candidates);
  if (free.cost <= atBest * (1 + 1e-12)) {
    // Everybody is at the best place of its own: nothing is short, and there is nothing to look for.
    const { unitOf } = free.loads;
    const prices = { ...noPrices(instance), bound: atBest };
    return { unitOf, cost: free.cost, bound: Math.min(atBest, free.cost), prices, candidates };
  }
  const guess = free.cost < Number.POSITIVE_INFINITY ? free.cost : 0;
  const prices = priceCapacities({ instance, candidates, target: guess, steps: effort.priceSteps });
  const priced = greedy(instance, candidates, prices);
  const { loads } = priced.cost <= free.cost ? priced : free;
  if (effort.rounds > 0) {
    ruinAndRecreate({ loads, candidates, rounds: effort.rounds, seed: 1, bound: prices.bound });
  }
  const cost = costOf(instance, loads.unitOf);
  return { unitOf: loads.unitOf, cost, bound: Math.min(prices.bound, cost), prices, candidates };
}

/** What it would cost if everybody had the best place of its own; no placement costs less. */
function lowestSum({ start, cost }: Candidates): number {
  let sum = 0;
  for (let i = 0; i + 1 < start.length; i++) sum += cost[start[i] ?? 0] ?? 0;
  return sum;
}

function greedy(
  instance: Instance,
  candidates: Candidates,
  prices: CapacityPrices,
): { loads: Loads; cost: number } {
  const loads = new Loads(instance);
  placeByRegret({ instance, candidates, prices, loads });
  improve({ loads, candidates, functions: loads.unitOf.keys(), passesMax: 20 });
  loads.settle();
  return { loads, cost: costOf(instance, loads.unitOf) };
}

function noPrices({ units }: Instance): CapacityPrices {
  return { bound: 0, cpuPrice: new Float64Array(units), memoryPrice: new Float64Array(units) };
}
