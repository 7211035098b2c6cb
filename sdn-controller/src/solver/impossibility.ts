import { groupShortage } from "./group-matching.ts";
import { filterOf, type Instance } from "./instance.ts";
import { nearestMiss } from "./nearest-miss.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import { type Impossible, numberText } from "./shortage.ts";

/** What is impossible for a reason that one constraint alone gives. Undefined proves nothing. */
export function plainImpossibility(options: {
  problem: PlacementProblem;
  instance: Instance;
  down: ReadonlySet<string>;
}): Impossible | undefined {
  return (
    functionWithoutUnit(options) ??
    totalShort(options, "cpu") ??
    totalShort(options, "memory") ??
    placesShort(options) ??
    groupTooLarge(options)
  );
}

function functionWithoutUnit(options: {
  problem: PlacementProblem;
  instance: Instance;
  down: ReadonlySet<string>;
}): Impossible | undefined {
  const { problem, instance, down } = options;
  const { units, cost } = instance;
  for (const [i, { id }] of problem.functions.entries()) {
    const row = cost.subarray(i * units, (i + 1) * units);
    if (row.some((value) => value < Number.POSITIVE_INFINITY)) continue;
    const counts = new Map<string, number>();
    for (let j = 0; j < units; j++) {
      const filter = filterOf({ problem, instance, down, i, j });
      if (filter !== undefined) counts.set(filter, (counts.get(filter) ?? 0) + 1);
    }
    const told = [...counts].map(([rule, count]) => `${rule} ${count}`).join(", ");
    const miss = nearestMiss({ problem, instance, down, i });
    const why = units === 0 ? "there are no units" : `refused by ${told}; ${miss.text}`;
    return {
      code: "FITS_NO_UNIT",
      detail: `function ${id} fits none of ${units} units: ${why}`,
      shortages: miss.shortages,
    };
  }
  return undefined;
}

function totalShort(
  { problem, instance }: { problem: PlacementProblem; instance: Instance },
  resource: "cpu" | "memory",
): Impossible | undefined {
  const sum = (values: Float64Array): number =>
    values.reduce((all, value) => all + Math.max(0, value), 0);
  const needed = sum(resource === "cpu" ? instance.cpu : instance.memory);
  const there = sum(resource === "cpu" ? instance.cpuMax : instance.memoryMax);
  if (needed <= there) return undefined;
  const by = needed - there;
  return {
    code: resource === "cpu" ? "CPU_SHORT" : "MEMORY_SHORT",
    detail: `total ${resource} is short by ${numberText(by)}: ${problem.functions.length} functions need ${numberText(needed)}, the units that are up have ${numberText(there)}`,
    shortages: [{ constraint: resource, by }],
  };
}

function placesShort({
  problem,
  instance,
}: {
  problem: PlacementProblem;
  instance: Instance;
}): Impossible | undefined {
  const needed = problem.functions.length;
  const there = problem.units.reduce(
    (sum, { functionsMax = needed }, j) =>
      (instance.functionsMax[j] ?? 0) < 0 ? sum : sum + functionsMax,
    0,
  );
  if (needed <= there) return undefined;
  const by = needed - there;
  return {
    code: "PLACES_SHORT",
    detail: `places are short by ${by}: there are ${needed} functions, the units that are up take ${there}`,
    shortages: [{ constraint: "functions", by }],
  };
}

function groupTooLarge({
  problem,
  instance,
}: {
  problem: PlacementProblem;
  instance: Instance;
}): Impossible | undefined {
  for (const members of instance.groups) {
    const shortage = groupShortage(instance, members);
    if (shortage === undefined) continue;
    const group = problem.functions[members[0] ?? 0]?.antiAffinity ?? "";
    return {
      code: "GROUP_TOO_LARGE",
      detail: `anti-affinity group ${group} has ${members.length} functions, and the ${shortage.units} units that may take them have a place of their own for ${shortage.placed}: short by ${members.length - shortage.placed}`,
      shortages: [{ constraint: "anti-affinity", by: members.length - shortage.placed, group }],
    };
  }
  return undefined;
}
