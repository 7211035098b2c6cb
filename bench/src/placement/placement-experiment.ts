import { type Facts, type Findings, type Goal, quantile, reportRow } from "@voltfog/runtime";
import { type PlacementProblem, solvePlacement } from "@voltfog/sdn-controller";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { cityProblem } from "./city-problem.ts";
import { type DecisionRun, runDecisions } from "./decision-run.ts";
import { firstComeCost } from "./first-come.ts";
import { scatteredProblem } from "./scattered-problem.ts";
import type { ProblemSize } from "./units-for-load.ts";

const goals: Readonly<Record<string, Goal>> = {
  "placement.gap_mean_pct": { sense: "at-most", goal: 3, moonshot: 1 },
  "placement.gap_max_pct": { sense: "at-most", goal: 10 },
  "placement.full_plan_s": { sense: "at-most", goal: 3, moonshot: 1 },
  "placement.decision_p99_ms": { sense: "at-most", goal: 10, moonshot: 2 },
};

const load = 0.9;
const sizes = [
  { functions: 50, units: 10 },
  { functions: 100, units: 20 },
  { functions: 200, units: 20 },
];
const full: ProblemSize = { functions: 10_000, units: 1000, load, seed: 1 };
const families = [
  { family: "city", make: cityProblem },
  { family: "scattered", make: scatteredProblem },
];

interface Case {
  readonly family: string;
  readonly size: ProblemSize;
}

/** One problem, solved in all ways. Gaps in per cent above the exact cost, or above its bound where it is not proven. */
interface Comparison extends Case {
  readonly firstCome: number | null;
  readonly heuristic: number;
  readonly exact: number;
  readonly exactBound: number;
  readonly heuristicBound: number;
  readonly isProven: boolean;
  readonly heuristic_ms: number;
  readonly exact_ms: number;
}

/** How near the heuristic comes to the optimum, and how fast plans and decisions are at full size. */
export const placementExperiment: Experiment = {
  name: "placement",
  summary: "Placement: gap to the optimum, time of a full plan and of one decision",
  run: async (context) => {
    const seeds = context.isQuick ? [1] : [1, 2, 3];
    const exactLimit_s = context.isQuick ? 5 : 20;
    const repeats = context.isQuick ? 3 : 7;
    const cases = families.flatMap(({ family }) =>
      sizes.flatMap((size) => seeds.map((seed) => ({ family, size: { ...size, load, seed } }))),
    );
    const compared: Comparison[] = [];
    for (const [done, one] of cases.entries()) {
      const { functions, units } = one.size;
      const doing = `${one.family}, ${functions} functions on ${units} units`;
      context.progress({ done, total: cases.length + repeats, doing });
      compared.push(await compare(one, { context, exactLimit_s, isExactFirst: done % 2 === 1 }));
    }
    const problem = cityProblem(full);
    const runs: DecisionRun[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const done = cases.length + repeat;
      context.progress({ done, total: cases.length + repeats, doing: "10,000 on 1000 units" });
      runs.push(await runDecisions({ problem, clock: context.clock, seed: repeat + 1 }));
    }
    return findingsOf({ compared, runs, exactLimit_s, seeds });
  },
};

async function compare(
  one: Case,
  o: { context: ExperimentContext; exactLimit_s: number; isExactFirst: boolean },
): Promise<Comparison> {
  const make = families.find(({ family }) => family === one.family)?.make ?? cityProblem;
  const problem = make(one.size);
  const run = (solver: "exact" | "heuristic") => solved(problem, solver, o);
  const early = o.isExactFirst ? await run("exact") : undefined;
  const heuristic = await run("heuristic");
  const exact = early ?? (await run("exact"));
  return {
    ...one,
    firstCome: firstComeCost(problem),
    heuristic: heuristic.cost,
    heuristicBound: heuristic.bound,
    exact: exact.cost,
    exactBound: exact.bound,
    isProven: exact.isOptimal,
    heuristic_ms: heuristic.time_ms,
    exact_ms: exact.time_ms,
  };
}

async function solved(
  problem: PlacementProblem,
  solver: "exact" | "heuristic",
  o: { context: ExperimentContext; exactLimit_s: number },
): Promise<{ cost: number; bound: number; isOptimal: boolean; time_ms: number }> {
  const { clock } = o.context;
  const down = new Set<string>();
  const outcome = await solvePlacement({
    problem,
    solver,
    down,
    timeLimit_s: o.exactLimit_s,
    clock,
  });
  if (!outcome.ok)
    throw new Error(`a problem made to be solvable is not: ${outcome.problem.detail}`);
  return outcome.value;
}

function gap_pct(cost: number, { isProven, exact, exactBound }: Comparison): number {
  const reference = isProven ? exact : exactBound;
  return 100 * (cost / reference - 1);
}

function findingsOf(o: {
  compared: readonly Comparison[];
  runs: readonly DecisionRun[];
  exactLimit_s: number;
  seeds: readonly number[];
}): Findings {
  const { compared, runs } = o;
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const gaps_pct = compared.map((one) => gap_pct(one.heuristic, one));
  const greedy_pct = compared.flatMap((one) =>
    one.firstCome === null ? [] : [gap_pct(one.firstCome, one)],
  );
  const proven = compared.filter(({ isProven }) => isProven).length;
  return {
    method: `Two families of seeded problems at a cpu load of ${load}: city (zones of ten units, demand that differs between zones, latency by radio, way and hop between zones, three latency classes, standbys in anti-affinity pairs) and scattered (every latency drawn for itself from 1 to 100 ms). Each problem is solved by first come to the nearest unit with room, by the heuristic and by HiGHS with a gap of zero and ${o.exactLimit_s} s at most, the last two in alternating order. A gap is that to the proven optimum, or to the exact solver's lower bound where the time was over, which makes it look larger than it is: ${proven} of ${compared.length} optima were proven. First come found no placement ${compared.length - greedy_pct.length} times. The full plan is of ${full.functions} functions on ${full.units} units (city), from the latencies to the assignment with its bound. Decisions are in that plan: one function leaves, another comes, one at a time; a decision is the placing alone, by the running controller's chooser with its explanation. One thread.`,
    inputs: { load, sizes, seeds: o.seeds, full, exactLimit_s: o.exactLimit_s, goals },
    rows: [
      row("placement.gap_mean_pct", "%", [meanOf(gaps_pct)]),
      row("placement.gap_max_pct", "%", [Math.max(...gaps_pct)]),
      row("placement.full_plan_s", "s", runs.map(({ plan_ms }) => plan_ms / 1000)), // biome-ignore format: one row each
      row("placement.decision_p99_ms", "ms", runs.map(({ decisions_ms }) => quantile(decisions_ms, 0.99))), // biome-ignore format: one row each
      row("placement.decision_p50_ms", "ms", runs.map(({ decisions_ms }) => quantile(decisions_ms, 0.5))), // biome-ignore format: one row each
      row("placement.first_come.gap_mean_pct", "%", greedy_pct.length === 0 ? [0] : [meanOf(greedy_pct)]), // biome-ignore format: one row each
      row("placement.full_plan_gap_pct", "%", runs.map(({ cost, bound }) => 100 * (cost / bound - 1))), // biome-ignore format: one row each
      row("placement.proven_share", "ratio", [proven / compared.length]),
    ],
    items: [...compared.map(itemOf), ...runs.map(runItem)],
  };
}

function itemOf(one: Comparison): Facts {
  const { firstCome } = one;
  return {
    ...one,
    gap_pct: gap_pct(one.heuristic, one),
    firstComeGap_pct: firstCome === null ? null : gap_pct(firstCome, one),
  };
}

function runItem({ decisions_ms, ...run }: DecisionRun): Facts {
  return {
    ...run,
    decisions: decisions_ms.length,
    decisionP50_ms: quantile(decisions_ms, 0.5),
    decisionP99_ms: quantile(decisions_ms, 0.99),
    decisionMax_ms: quantile(decisions_ms, 1),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
