import { type Filter, filterOf } from "./instance.ts";
import { Loads } from "./loads.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import type { Solved } from "./solve-placement.ts";

type Verdict = "chosen" | "dearer" | "functions full" | "cpu full" | "memory full" | "group there";

/** One unit that no rule took out, as it looks to one function beside the finished plan. */
export interface Score {
  readonly unitId: string;
  readonly latency_ms: number;
  /** What the function would cost there. */
  readonly score: number;
  readonly verdict: Verdict;
}

/** One unit in the decision on one function: its figures, or the rule that took it out. */
export type Judged =
  | Score
  | { readonly unitId: string; readonly latency_ms: number; readonly filter: Filter };

/** Why one function is where it is. */
export interface Explanation {
  readonly functionId: string;
  readonly unitId: string;
  readonly evaluated: number;
  /** Units taken out by rule. */
  readonly filtered: Readonly<Record<string, number>>;
  /** The cheapest ten that remained, and the chosen one. */
  readonly scores: readonly Score[];
  readonly because: string;
}

/** What was asked, and what the solver made of it. */
export interface Explained {
  readonly problem: PlacementProblem;
  readonly down: ReadonlySet<string>;
  readonly solved: Pick<Solved, "instance" | "unitOf">;
}

const scoresMax = 10;

/** For every function the units evaluated, filtered and scored. Time: functions × units. */
export function explainPlacement(options: Explained): readonly Explanation[] {
  const { problem, solved } = options;
  return judgePlacement(options).map((judged, i) => {
    const filtered: Record<string, number> = {};
    const scores: Score[] = [];
    for (const one of judged) {
      if ("filter" in one) filtered[one.filter] = (filtered[one.filter] ?? 0) + 1;
      else scores.push(one);
    }
    scores.sort((a, b) => a.score - b.score);
    const shown = scores.filter(({ verdict }, place) => place < scoresMax || verdict === "chosen");
    return {
      functionId: problem.functions[i]?.id ?? "",
      unitId: problem.units[solved.unitOf[i] ?? -1]?.id ?? "",
      evaluated: judged.length,
      filtered,
      scores: shown,
      because: reasonOf(scores),
    };
  });
}

/** By function all units in the problem's order. Time: functions × units. */
export function judgePlacement({
  problem,
  down,
  solved,
}: Explained): readonly (readonly Judged[])[] {
  const { instance, unitOf } = solved;
  const loads = new Loads(instance);
  for (const [i, j] of unitOf.entries()) loads.move(i, j);
  return problem.functions.map((_, i) =>
    problem.units.map(({ id: unitId }, j): Judged => {
      const latency_ms = problem.latency_ms[i * instance.units + j] ?? 0;
      const filter = filterOf({ problem, instance, down, i, j });
      if (filter !== undefined) return { unitId, latency_ms, filter };
      const score = instance.cost[i * instance.units + j] ?? 0;
      const verdict = unitOf[i] === j ? "chosen" : verdictOf(loads, i, j);
      return { unitId, latency_ms, score, verdict };
    }),
  );
}

function verdictOf(loads: Loads, i: number, j: number): Verdict {
  const { cpu, memory, cpuMax, memoryMax } = loads.instance;
  if (loads.fits(i, j)) return "dearer";
  if (loads.placesLeft(j) < 1) return "functions full";
  if ((loads.usedCpu[j] ?? 0) + (cpu[i] ?? 0) > (cpuMax[j] ?? 0)) return "cpu full";
  if ((loads.usedMemory[j] ?? 0) + (memory[i] ?? 0) > (memoryMax[j] ?? 0)) return "memory full";
  return "group there";
}

function reasonOf(scores: readonly Score[]): string {
  const place = scores.findIndex(({ verdict }) => verdict === "chosen");
  const chosen = scores[place];
  if (chosen === undefined) return "";
  if (place === 0) return `the cheapest of ${scores.length} that may take it`;
  const before = scores.slice(0, place);
  const open = before.find(({ verdict }) => verdict === "dearer");
  const [first] = before;
  if (open !== undefined) return `${open.unitId} has room at a lower cost, which the solver left`;
  const others = place === 1 ? "" : ` and ${place - 1} more that have no room`;
  return `cheaper, but not free: ${first?.unitId ?? ""} (${first?.verdict ?? ""})${others}`;
}
