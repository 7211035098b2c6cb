import { accepted, type Clock, type Outcome, refused } from "@voltfog/runtime";
import { leastBroken, placeExactly } from "./exact.ts";
import { placeHeuristically } from "./heuristic.ts";
import { plainImpossibility } from "./impossibility.ts";
import { buildInstance, costOf, type Instance } from "./instance.ts";
import { brokenBy, jointImpossibility } from "./joint-impossibility.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import type { Impossible } from "./shortage.ts";

export interface SolveOptions {
  readonly problem: PlacementProblem;
  readonly solver: "exact" | "heuristic";
  /** Ids of units that take nothing. */
  readonly down: ReadonlySet<string>;
  readonly timeLimit_s: number;
  readonly clock: Clock;
}

export interface Solved {
  readonly instance: Instance;
  /** By function the place of its unit. */
  readonly unitOf: Int32Array;
  readonly cost: number;
  /** No placement costs less. */
  readonly bound: number;
  /** Whether the cost is proven to be the lowest. */
  readonly isOptimal: boolean;
  readonly time_ms: number;
}

/** Beyond this many pairs no proof of impossibility is tried. */
const provablePairsMax = 100_000;

/**
 * Places every function, or says which constraint is in the way and by how much. The heuristic proves
 * nothing by finding no placement; up to 100,000 pairs the exact solver then decides.
 */
export async function solvePlacement(options: SolveOptions): Promise<Outcome<Solved, Impossible>> {
  const { problem, down, clock } = options;
  const start_ms = clock.monotonic_ms();
  const instance = buildInstance(problem, down);
  const plain = plainImpossibility({ problem, instance, down });
  if (plain !== undefined) return refused(plain);
  const heuristic = placeHeuristically(instance);
  const isFound = heuristic.cost < Number.POSITIVE_INFINITY;
  if (options.solver === "heuristic" && isFound) {
    const { unitOf, cost, bound } = heuristic;
    return accepted(solved({ instance, unitOf, bound, cost }, clock.monotonic_ms() - start_ms));
  }
  if (!isFound && problem.functions.length * problem.units.length > provablePairsMax) {
    return refused(notFound(options, heuristic.unitOf));
  }
  const exact = await placeExactly({ instance, timeLimit_s: options.timeLimit_s, heuristic });
  if (exact.cost === Number.POSITIVE_INFINITY) {
    return refused(
      await whyNot(options, { instance, unitOf: heuristic.unitOf, status: exact.status }),
    );
  }
  return accepted(solved({ instance, ...exact }, clock.monotonic_ms() - start_ms));
}

function solved(
  found: { instance: Instance; unitOf: Int32Array; cost: number; bound: number },
  time_ms: number,
): Solved {
  const { instance, unitOf, bound } = found;
  const cost = costOf(instance, unitOf);
  const isOptimal = bound >= cost * (1 - 1e-9);
  return { instance, unitOf, cost, bound: Math.min(bound, cost), isOptimal, time_ms };
}

async function whyNot(
  options: SolveOptions,
  { instance, unitOf, status }: { instance: Instance; unitOf: Int32Array; status: string },
): Promise<Impossible> {
  if (status !== "infeasible") return notFound(options, unitOf);
  const { problem, timeLimit_s } = options;
  const least = await leastBroken({ instance, timeLimit_s });
  const broken = least === undefined ? [] : brokenBy({ problem, instance, unitOf: least.unitOf });
  return jointImpossibility(broken, least?.isLeast === true);
}

function notFound({ problem }: SolveOptions, unitOf: Int32Array): Impossible {
  const left = problem.functions.filter((_, i) => (unitOf[i] ?? -1) < 0);
  const named = left.slice(0, 5).map(({ id }) => id);
  const more = left.length > named.length ? ` and ${left.length - named.length} more` : "";
  return {
    code: "NOT_FOUND",
    detail: `no placement was found, nor proven impossible: ${left.length} of ${problem.functions.length} functions are without a unit: ${named.join(", ")}${more}`,
    shortages: [],
  };
}
