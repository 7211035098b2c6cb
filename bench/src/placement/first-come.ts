import type { PlacementProblem } from "@voltfog/sdn-controller";

/** The plain greedy: functions as they come, each to the nearest unit with room. Null where one finds none. */
export function firstComeCost(problem: PlacementProblem): number | null {
  const { functions, units, latency_ms } = problem;
  const cpu = units.map((unit) => unit.cpu);
  const memory = units.map((unit) => unit.memory);
  const groups = units.map(() => new Set<string>());
  let cost = 0;
  for (const [i, need] of functions.entries()) {
    const row = latency_ms.subarray(i * units.length, (i + 1) * units.length);
    const open = [...units.keys()].filter(
      (j) =>
        (row[j] ?? 0) <= need.latencyMax_ms &&
        (cpu[j] ?? 0) >= need.cpu &&
        (memory[j] ?? 0) >= need.memory &&
        !groups[j]?.has(need.antiAffinity ?? ""),
    );
    const [first] = open;
    if (first === undefined) return null;
    const j = open.reduce((a, b) => ((row[b] ?? 0) < (row[a] ?? 0) ? b : a), first);
    cpu[j] = (cpu[j] ?? 0) - need.cpu;
    memory[j] = (memory[j] ?? 0) - need.memory;
    if (need.antiAffinity !== undefined) groups[j]?.add(need.antiAffinity);
    cost += need.weight * (row[j] ?? 0);
  }
  return cost;
}
