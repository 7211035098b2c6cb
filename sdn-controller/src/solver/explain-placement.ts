import { filterOf } from "./instance.ts";
import { Loads } from "./loads.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import type { Solved } from "./solve-placement.ts";

/** One unit that no rule took out, as it looks to one function beside the finished plan. */
export interface Score {
  readonly unitId: string;
  readonly latency_ms: number;
  /** What the function would cost there. */
  readonly score: number;
  readonly verdict: "chosen" | "dearer" | "cpu full" | "memory full" | "group there";
}

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

const scoresMax = 10;

/** For every function the units evaluated, filtered and scored. Time: functions × units. */
export function explainPlacement(options: {
  problem: PlacementProblem;
  down: ReadonlySet<string>;
  solved: Solved;
}): readonly Explanation[] {
  const { instance, unitOf } = options.solved;
  const loads = new Loads(instance);
  for (const [i, j] of unitOf.entries()) loads.move(i, j);
  return options.problem.functions.map((_, i) => explainOne({ ...options, loads, i }));
}

function explainOne(options: {
  problem: PlacementProblem;
  down: ReadonlySet<string>;
  solved: Solved;
  loads: Loads;
  i: number;
}): Explanation {
  const { problem, down, solved, loads, i } = options;
  const { instance, unitOf } = solved;
  const filtered: Record<string, number> = {};
  const scores: Score[] = [];
  for (let j = 0; j < instance.units; j++) {
    const filter = filterOf({ problem, instance, down, i, j });
    if (filter !== undefined) filtered[filter] = (filtered[filter] ?? 0) + 1;
    else {
      scores.push({
        unitId: problem.units[j]?.id ?? "",
        latency_ms: problem.latency_ms[i * instance.units + j] ?? 0,
        score: instance.cost[i * instance.units + j] ?? 0,
        verdict: unitOf[i] === j ? "chosen" : verdictOf(loads, i, j),
      });
    }
  }
  scores.sort((a, b) => a.score - b.score);
  const shown = scores.filter(({ verdict }, place) => place < scoresMax || verdict === "chosen");
  return {
    functionId: problem.functions[i]?.id ?? "",
    unitId: problem.units[unitOf[i] ?? -1]?.id ?? "",
    evaluated: instance.units,
    filtered,
    scores: shown,
    because: reasonOf(scores),
  };
}

function verdictOf(loads: Loads, i: number, j: number): Score["verdict"] {
  const { cpu, memory, cpuMax, memoryMax } = loads.instance;
  if (loads.fits(i, j)) return "dearer";
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
