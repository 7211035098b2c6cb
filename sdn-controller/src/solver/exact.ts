import { pricedCost } from "./capacity-prices.ts";
import { type HeuristicResult, placeHeuristically } from "./heuristic.ts";
import { costOf, type Instance } from "./instance.ts";
import { type LinearModel, linearModel } from "./linear-model.ts";
import { runHighs } from "./run-highs.ts";

export interface ExactResult {
  readonly status: "optimal" | "infeasible" | "limit";
  /** By function its unit; all −1 where none was found. */
  readonly unitOf: Int32Array;
  /** Infinity without a placement. */
  readonly cost: number;
  /** No placement costs less; equal to the cost where that is the optimum. */
  readonly bound: number;
}

/** A larger model would not be solved within minutes, nor fit the solver's memory. */
const modelPairsMax = 200_000;

/**
 * The cheapest placement, by HiGHS with a gap of zero. The heuristic goes first: its cost and its capacity
 * prices prove of most pairs that no better placement uses them, and these are left out of the model.
 * Every function must have at least one allowed unit. A model of more than 200,000 pairs is not tried:
 * then the heuristic's placement comes back with its bound, as at a time limit.
 */
export async function placeExactly(options: {
  instance: Instance;
  timeLimit_s: number;
  heuristic?: HeuristicResult;
}): Promise<ExactResult> {
  const { instance } = options;
  const first = options.heuristic ?? placeHeuristically(instance);
  if (first.bound >= first.cost * (1 - 1e-12)) return proven(first.unitOf, first.cost);
  const keeps = worthwhile(instance, first);
  if (countPairs(instance, keeps) > modelPairsMax) {
    const { unitOf, cost, bound } = first;
    return { status: "limit", unitOf, cost, bound };
  }
  const model = linearModel({ instance, keeps, isElastic: false });
  const start = first.cost < Number.POSITIVE_INFINITY ? pointOf(model, first.unitOf) : undefined;
  const found = await runHighs({ model, timeLimit_s: options.timeLimit_s, start });
  // Rounding in the prices can take away the heuristic's own pairs at most, never a better placement.
  if (found.status === "infeasible" && start !== undefined) return proven(first.unitOf, first.cost);
  const unitOf = unitsOf(instance, model, found.values);
  const cost = costOf(instance, unitOf);
  const better = cost < first.cost ? { unitOf, cost } : first;
  if (found.status === "optimal") return proven(better.unitOf, better.cost);
  if (found.status === "infeasible") {
    return { status: "infeasible", unitOf, cost: Number.POSITIVE_INFINITY, bound: found.bound };
  }
  const bound = Math.min(better.cost, Math.max(found.bound, first.bound));
  return { status: "limit", unitOf: better.unitOf, cost: better.cost, bound };
}

function proven(unitOf: Int32Array, cost: number): ExactResult {
  return { status: "optimal", unitOf, cost, bound: cost };
}

/**
 * Fixing by reduced cost: a placement that uses a pair costs at least the bound and what the pair's priced
 * cost is above the function's lowest. Above the known cost the pair is of no use.
 */
function worthwhile(
  instance: Instance,
  { prices, cost, unitOf }: HeuristicResult,
): (i: number, j: number) => boolean {
  if (cost === Number.POSITIVE_INFINITY) return () => true;
  const lowest = Float64Array.from({ length: instance.functions }, (_, i) => {
    let value = Number.POSITIVE_INFINITY;
    for (let j = 0; j < instance.units; j++) {
      value = Math.min(value, pricedCost({ instance, prices, i, j })); // Infinity where forbidden.
    }
    return value;
  });
  const room = cost - prices.bound + 1e-7 * (1 + Math.abs(cost));
  return (i, j) =>
    unitOf[i] === j || pricedCost({ instance, prices, i, j }) - (lowest[i] ?? 0) <= room;
}

function countPairs(instance: Instance, keeps: (i: number, j: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < instance.functions; i++) {
    for (let j = 0; j < instance.units; j++) if (keeps(i, j)) count++;
  }
  return count;
}

/** A placement as a point of the model. */
function pointOf(model: LinearModel, unitOf: Int32Array): Float64Array {
  return Float64Array.from({ length: model.numCols }, (_, place) =>
    unitOf[model.pairFunction[place] ?? 0] === model.pairUnit[place] ? 1 : 0,
  );
}

function unitsOf(
  instance: Instance,
  model: LinearModel,
  values: Float64Array | undefined,
): Int32Array {
  const unitOf = new Int32Array(instance.functions).fill(-1);
  for (let place = 0; place < model.pairFunction.length; place++) {
    if ((values?.[place] ?? 0) > 0.5) {
      unitOf[model.pairFunction[place] ?? 0] = model.pairUnit[place] ?? -1;
    }
  }
  return unitOf;
}

/** The placement that breaks capacities and group rules least, for a problem that has none without. */
export async function leastBroken(options: {
  instance: Instance;
  timeLimit_s: number;
}): Promise<{ readonly unitOf: Int32Array; readonly isLeast: boolean } | undefined> {
  const { instance, timeLimit_s } = options;
  const model = linearModel({ instance, keeps: () => true, isElastic: true });
  const found = await runHighs({ model, timeLimit_s, start: undefined });
  if (found.values === undefined) return undefined;
  return {
    unitOf: unitsOf(instance, model, found.values),
    isLeast: found.status === "optimal",
  };
}
