import type { Instance } from "./instance.ts";
import type { PlacementProblem } from "./placement-problem.ts";
import { type Impossible, numberText, type Shortage } from "./shortage.ts";

/** What a placement breaks, capacity by capacity, and how many functions share a unit against their group's rule. */
export function brokenBy(options: {
  problem: PlacementProblem;
  instance: Instance;
  unitOf: Int32Array;
}): readonly Shortage[] {
  const { problem, instance, unitOf } = options;
  const cpu = new Float64Array(instance.units);
  const memory = new Float64Array(instance.units);
  const count = new Int32Array(instance.units);
  for (let i = 0; i < instance.functions; i++) {
    const j = unitOf[i] ?? -1;
    if (j < 0) continue;
    cpu[j] = (cpu[j] ?? 0) + (instance.cpu[i] ?? 0);
    memory[j] = (memory[j] ?? 0) + (instance.memory[i] ?? 0);
    count[j] = (count[j] ?? 0) + 1;
  }
  const over = problem.units.flatMap((unit, j): readonly Shortage[] => [
    ...excess("cpu", unit.id, (cpu[j] ?? 0) - unit.cpu, (cpu[j] ?? 0) > (instance.cpuMax[j] ?? 0)),
    ...excess(
      "memory",
      unit.id,
      (memory[j] ?? 0) - unit.memory,
      (memory[j] ?? 0) > (instance.memoryMax[j] ?? 0),
    ),
    ...excess(
      "functions",
      unit.id,
      (count[j] ?? 0) - (unit.functionsMax ?? 0),
      (count[j] ?? 0) > (instance.functionsMax[j] ?? 0),
    ),
  ]);
  return [...over, ...metGroups(problem, instance, unitOf)];
}

function excess(
  constraint: "cpu" | "memory" | "functions",
  unitId: string,
  by: number,
  isOver: boolean,
): readonly Shortage[] {
  return isOver ? [{ constraint, by, unitId }] : [];
}

function metGroups(
  problem: PlacementProblem,
  instance: Instance,
  unitOf: Int32Array,
): readonly Shortage[] {
  return instance.groups.flatMap((members): readonly Shortage[] => {
    const placed = [...members].map((i) => unitOf[i] ?? -1).filter((j) => j >= 0);
    const by = placed.length - new Set(placed).size;
    const group = problem.functions[members[0] ?? 0]?.antiAffinity ?? "";
    return by > 0 ? [{ constraint: "anti-affinity", by, group }] : [];
  });
}

/** The least that would have to give way for all constraints to hold together. */
export function jointImpossibility(shortages: readonly Shortage[], isLeast: boolean): Impossible {
  const parts = shortages.map(({ constraint, by, unitId, group }) =>
    constraint === "anti-affinity"
      ? `anti-affinity group ${group} by ${by}`
      : `${constraint} of ${unitId} by ${numberText(by)}`,
  );
  const least = isLeast ? "the least that is short" : "what was found short";
  return {
    code: "JOINTLY_IMPOSSIBLE",
    detail: `each constraint could be met alone, all of them together can not; ${least}: ${parts.join(", ")}`,
    shortages,
  };
}
