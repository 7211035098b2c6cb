import type { Instance } from "./instance.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import { numberText, type Shortage } from "./shortage.ts";

interface Miss {
  readonly unitId: string;
  readonly shortages: readonly Shortage[];
  /** Shortages as shares of what is there, a broken rule without measure as one. */
  readonly distance: number;
}

/** The unit that comes nearest to taking a function that fits none, and what it lacks. */
export function nearestMiss(options: {
  problem: PlacementProblem;
  instance: Instance;
  down: ReadonlySet<string>;
  i: number;
}): { readonly text: string; readonly shortages: readonly Shortage[] } {
  let nearest: Miss | undefined;
  for (let j = 0; j < options.instance.units; j++) {
    const miss = missOf({ ...options, j });
    const isNearer =
      nearest === undefined ||
      miss.shortages.length < nearest.shortages.length ||
      (miss.shortages.length === nearest.shortages.length && miss.distance < nearest.distance);
    if (isNearer) nearest = miss;
  }
  if (nearest === undefined) return { text: "there are no units", shortages: [] };
  const parts = nearest.shortages.map((shortage) => textOf(shortage));
  return {
    text: `nearest is ${nearest.unitId}: ${parts.join(", ")}`,
    shortages: nearest.shortages,
  };
}

function missOf(options: {
  problem: PlacementProblem;
  instance: Instance;
  down: ReadonlySet<string>;
  i: number;
  j: number;
}): Miss {
  const { problem, instance, down, i, j } = options;
  const need = problem.functions[i];
  const unit = problem.units[j];
  if (need === undefined || unit === undefined) return { unitId: "", shortages: [], distance: 0 };
  const shortages: Shortage[] = [];
  let distance = 0;
  const names = { functionId: need.id, unitId: unit.id };
  const miss = (constraint: Shortage["constraint"], by: number, of: number): void => {
    shortages.push({ constraint, by, ...names });
    distance += of > 0 ? by / of : 1;
  };
  const latency_ms = problem.latency_ms[i * instance.units + j] ?? 0;
  if (down.has(unit.id)) miss("down", 1, 0);
  if (need.zones !== undefined && !need.zones.includes(unit.zone)) miss("zone", 1, 0);
  if (latency_ms > need.latencyMax_ms) {
    miss("latency", latency_ms - need.latencyMax_ms, need.latencyMax_ms);
  }
  if ((unit.functionsMax ?? 1) < 1) miss("functions", 1, 0);
  if (need.cpu > unit.cpu) miss("cpu", need.cpu - unit.cpu, unit.cpu);
  if (need.memory > unit.memory) miss("memory", need.memory - unit.memory, unit.memory);
  return { unitId: unit.id, shortages, distance };
}

function textOf({ constraint, by }: Shortage): string {
  if (constraint === "down") return "it is down";
  if (constraint === "functions") return "it takes no function";
  if (constraint === "zone") return "it is in another zone";
  if (constraint === "latency") return `its latency is ${numberText(by)} ms above the limit`;
  return `its ${constraint} is short by ${numberText(by)}`;
}
