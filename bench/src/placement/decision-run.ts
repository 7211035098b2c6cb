import { type Clock, SeededRandom } from "@voltfog/runtime";
import { type PlacementProblem, Plan, solvePlacement } from "@voltfog/sdn-controller";

/** A full plan and decisions in it. */
export interface DecisionRun {
  readonly plan_ms: number;
  readonly cost: number;
  readonly bound: number;
  /** Cost after all decisions: equal functions, so it shows what deciding one by one loses. */
  readonly costAfter: number;
  readonly refused: number;
  readonly decisions_ms: Float64Array;
}

const decisions = 2000;

/** Plans in full, then lets functions leave and come at other places, one decision each. */
export async function runDecisions(o: {
  problem: PlacementProblem;
  clock: Clock;
  seed: number;
}): Promise<DecisionRun> {
  const { problem, clock } = o;
  const start_ms = clock.monotonic_ms();
  const solver = "heuristic";
  const outcome = await solvePlacement({
    problem,
    solver,
    down: new Set(),
    timeLimit_s: 60,
    clock,
  });
  const plan_ms = clock.monotonic_ms() - start_ms;
  if (!outcome.ok) throw new Error(`the full problem is not solved: ${outcome.problem.detail}`);
  const { unitOf, cost, bound } = outcome.value;
  const plan = new Plan({ problem, unitOf, functionsMax: problem.functions.length });
  const random = new SeededRandom(o.seed);
  const decisions_ms = new Float64Array(decisions);
  const ids = problem.functions.map(({ id }) => id);
  let refused = 0;
  for (let decision = 0; decision < decisions; decision++) {
    const leaves = Math.floor(random.uniform() * ids.length);
    const comes = Math.floor(random.uniform() * ids.length);
    const need = problem.functions[comes];
    if (need === undefined) continue;
    plan.remove(ids[leaves] ?? "");
    const id = `later-${decision}`;
    const row = problem.latency_ms.subarray(
      comes * problem.units.length,
      (comes + 1) * problem.units.length,
    );
    const before_ms = clock.monotonic_ms();
    const placed = plan.place({ ...need, id }, row);
    decisions_ms[decision] = clock.monotonic_ms() - before_ms;
    if (placed.ok) ids[leaves] = id;
    else refused++;
  }
  return { plan_ms, cost, bound, costAfter: plan.cost, refused, decisions_ms };
}
