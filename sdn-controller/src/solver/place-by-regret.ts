import type { Candidates } from "./candidates.ts";
import { type CapacityPrices, pricedCost } from "./capacity-prices.ts";
import type { Instance } from "./instance.ts";
import type { Loads } from "./loads.ts";

/**
 * Places every function in one pass. Who would lose most by its second choice comes first, and goes to the
 * unit with the lowest sum of cost and capacity price that has room; of equal ones, to that with the most places left. Gives those that found none.
 */
export function placeByRegret(options: {
  instance: Instance;
  candidates: Candidates;
  prices: CapacityPrices;
  loads: Loads;
}): number[] {
  const { instance, candidates, loads } = options;
  const priced = pricedCosts(options);
  const regret = Float64Array.from({ length: instance.functions }, (_, i) =>
    regretOf(priced, candidates.start[i] ?? 0, candidates.start[i + 1] ?? 0),
  );
  const order = Int32Array.from({ length: instance.functions }, (_, i) => i);
  order.sort((a, b) => (regret[b] ?? 0) - (regret[a] ?? 0) || a - b);
  const left: number[] = [];
  for (const i of order) {
    const j = cheapestFit({ candidates, priced, loads, i });
    if (j < 0) left.push(i);
    else loads.move(i, j);
  }
  return left.filter((i) => !placeAnywhere(loads, i));
}

/** By place in the candidates: cost and the price of what the function would take there. */
function pricedCosts(options: {
  instance: Instance;
  candidates: Candidates;
  prices: CapacityPrices;
}): Float64Array {
  const { instance, candidates, prices } = options;
  const { start, unit } = candidates;
  const priced = new Float64Array(start[instance.functions] ?? 0);
  for (let i = 0; i < instance.functions; i++) {
    for (let at = start[i] ?? 0; at < (start[i + 1] ?? 0); at++) {
      priced[at] = pricedCost({ instance, prices, i, j: unit[at] ?? 0 });
    }
  }
  return priced;
}

/** What the second choice costs more than the first; Infinity where there is no second. */
function regretOf(priced: Float64Array, from: number, end: number): number {
  let first = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let at = from; at < end; at++) {
    const value = priced[at] ?? 0;
    if (value < first) {
      second = first;
      first = value;
    } else if (value < second) second = value;
  }
  return second - (first === Number.POSITIVE_INFINITY ? 0 : first);
}

function cheapestFit(options: {
  candidates: Candidates;
  priced: Float64Array;
  loads: Loads;
  i: number;
}): number {
  const { candidates, priced, loads, i } = options;
  let best = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let at = candidates.start[i] ?? 0; at < (candidates.start[i + 1] ?? 0); at++) {
    const value = priced[at] ?? 0;
    const j = candidates.unit[at] ?? 0;
    const isBetter =
      value < lowest || (value === lowest && loads.placesLeft(j) > loads.placesLeft(best));
    if (isBetter && loads.fits(i, j)) {
      lowest = value;
      best = j;
    }
  }
  return best;
}

/** Puts a function on the cheapest of all units with room, or with one other function moved aside. */
export function placeAnywhere(loads: Loads, i: number): boolean {
  const { instance } = loads;
  const from = i * instance.units;
  let best = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let j = 0; j < instance.units; j++) {
    const cost = instance.cost[from + j] ?? 0;
    if (cost < lowest && loads.fits(i, j)) {
      lowest = cost;
      best = j;
    }
  }
  if (best < 0) return placeByEjection(loads, i);
  loads.move(i, best);
  return true;
}

interface Ejection {
  cost: number;
  moved: number;
  to: number;
  freed: number;
}

/** The cheapest way to move one function elsewhere so that this one fits. False where there is none. */
function placeByEjection(loads: Loads, i: number): boolean {
  const { cost, units } = loads.instance;
  const best: Ejection = { cost: Number.POSITIVE_INFINITY, moved: -1, to: -1, freed: -1 };
  for (let j = 0; j < units; j++) {
    if ((cost[i * units + j] ?? 0) < best.cost) ejectFrom({ loads, i, j, best });
  }
  if (best.moved < 0) return false;
  loads.move(best.moved, best.to);
  loads.move(i, best.freed);
  return true;
}

function ejectFrom(options: { loads: Loads; i: number; j: number; best: Ejection }): void {
  const { loads, i, j, best } = options;
  const { cost, units } = loads.instance;
  const own = cost[i * units + j] ?? 0;
  for (let k = loads.first[j] ?? -1; k >= 0; k = loads.next[k] ?? -1) {
    if (!loads.fitsInPlaceOf(i, j, k)) continue;
    const base = own - (cost[k * units + j] ?? 0);
    const to = cheapestOther({ loads, k, j, costMax: best.cost - base });
    if (to < 0) continue;
    best.cost = base + (cost[k * units + to] ?? 0);
    best.moved = k;
    best.to = to;
    best.freed = j;
  }
}

function cheapestOther(options: { loads: Loads; k: number; j: number; costMax: number }): number {
  const { loads, k, j } = options;
  const { cost, units } = loads.instance;
  let lowest = options.costMax;
  let best = -1;
  for (let to = 0; to < units; to++) {
    const value = cost[k * units + to] ?? 0;
    if (value < lowest && to !== j && loads.fits(k, to)) {
      lowest = value;
      best = to;
    }
  }
  return best;
}
