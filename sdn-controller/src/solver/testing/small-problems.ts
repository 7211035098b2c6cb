import type { PlacementProblem } from "../placement-problem.ts";

/** The lowest cost over every placement, Infinity where none is allowed. Knows nothing of the solvers. */
export function lowestCost(problem: PlacementProblem): number {
  const count = problem.units.length ** problem.functions.length;
  let lowest = Number.POSITIVE_INFINITY;
  for (let number = 0; number < count; number++) {
    const unitOf = problem.functions.map(
      (_, i) => Math.floor(number / problem.units.length ** i) % problem.units.length,
    );
    lowest = Math.min(lowest, checkedCost(problem, unitOf));
  }
  return lowest;
}

/** What a placement costs by the format's own words; Infinity where it breaks a rule. */
export function checkedCost(problem: PlacementProblem, unitOf: ArrayLike<number>): number {
  const { functions, units, latency_ms, current } = problem;
  const taken = new Set<string>();
  const left = units.map(({ cpu, memory, functionsMax = 1e9 }) => ({ cpu, memory, functionsMax }));
  let cost = 0;
  for (const [i, need] of functions.entries()) {
    const j = unitOf[i] ?? -1;
    const latency = latency_ms[i * units.length + j] ?? Number.POSITIVE_INFINITY;
    const room = left[j];
    const key = JSON.stringify([need.antiAffinity, j]);
    const isForbidden =
      room === undefined ||
      latency > need.latencyMax_ms ||
      need.zones?.includes(units[j]?.zone ?? "") === false ||
      (need.antiAffinity !== undefined && taken.has(key));
    if (isForbidden) return Number.POSITIVE_INFINITY;
    taken.add(key);
    room.cpu -= need.cpu;
    room.memory -= need.memory;
    room.functionsMax -= 1;
    const moved = current[i] !== -1 && current[i] !== j;
    cost += need.weight * latency + (moved ? need.migrationCost : 0);
  }
  const isWithin = left.every(
    ({ cpu, memory, functionsMax }) => Math.min(cpu, memory, functionsMax) >= -1e-6,
  );
  return isWithin ? cost : Number.POSITIVE_INFINITY;
}
