import type { FunctionNeed, PlacementProblem } from "./placement-problem.ts";

/**
 * Sums of decimal fractions differ in their last digits, so a unit counts as full only beyond this share
 * of its capacity. All solvers use the same limit.
 */
export const roundingRatio = 1e-9;

/** A problem as arrays, function i and unit j. Memory: 8 bytes for each pair. */
export interface Instance {
  readonly functions: number;
  readonly units: number;
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  /** Capacities with the allowance for rounding; −1 for a unit that is down, where not even a need of 0 fits. */
  readonly cpuMax: Float64Array;
  readonly memoryMax: Float64Array;
  /** How many functions each unit takes, with the same allowance; Infinity without a limit, −1 for a unit that is down. */
  readonly functionsMax: Float64Array;
  /** cost[i × units + j] with the migration; Infinity where latency, zone, capacity or a failure forbid the pair. */
  readonly cost: Float64Array;
  /** By function, the place of its anti-affinity group in `groups`; −1 without one. */
  readonly group: Int32Array;
  /** Functions of each group. */
  readonly groups: readonly (readonly number[])[];
}

/** Which rule keeps a function off a unit whatever else runs there; undefined where none does. */
export type Filter = "down" | "zone" | "unmeasured" | "latency" | "functions" | "cpu" | "memory";

export function buildInstance(problem: PlacementProblem, down: ReadonlySet<string>): Instance {
  const { functions, units } = problem;
  const { group, groups } = groupsOf(problem);
  const instance = {
    functions: functions.length,
    units: units.length,
    cpu: Float64Array.from(functions, ({ cpu }) => cpu),
    memory: Float64Array.from(functions, ({ memory }) => memory),
    cpuMax: Float64Array.from(units, ({ id, cpu }) => (down.has(id) ? -1 : limitOf(cpu))),
    memoryMax: Float64Array.from(units, ({ id, memory }) => (down.has(id) ? -1 : limitOf(memory))),
    functionsMax: Float64Array.from(
      units,
      ({ id, functionsMax: most = Number.POSITIVE_INFINITY }) =>
        down.has(id) ? -1 : limitOf(most),
    ),
    cost: new Float64Array(functions.length * units.length),
    group,
    groups,
  };
  for (let i = 0; i < functions.length; i++) fillCosts({ instance, problem, i });
  return instance;
}

/** A capacity with the allowance for rounding. */
function limitOf(there: number): number {
  return there * (1 + roundingRatio);
}

/** Writes the costs of function i on every unit. */
function fillCosts(o: { instance: Instance; problem: PlacementProblem; i: number }): void {
  const { instance, problem, i } = o;
  const need = problem.functions[i];
  if (need === undefined) return;
  const from = i * instance.units;
  const presentUnit = problem.current[i] ?? -1;
  for (let j = 0; j < instance.units; j++) {
    const latency_ms = problem.latency_ms[from + j] ?? 0;
    const migration = presentUnit < 0 || presentUnit === j ? 0 : need.migrationCost;
    const isAllowed =
      latency_ms <= need.latencyMax_ms &&
      latency_ms < Number.POSITIVE_INFINITY &&
      isRoomy(instance, need, j);
    instance.cost[from + j] = isAllowed
      ? need.weight * latency_ms + migration
      : Number.POSITIVE_INFINITY;
  }
  const { zones } = need;
  if (zones === undefined) return;
  for (const [j, { zone }] of problem.units.entries()) {
    if (!zones.includes(zone)) instance.cost[from + j] = Number.POSITIVE_INFINITY;
  }
}

/** Whether a unit could take the function if nothing else ran there. */
function isRoomy(
  { cpuMax, memoryMax, functionsMax }: Instance,
  need: FunctionNeed,
  j: number,
): boolean {
  return (
    need.cpu <= (cpuMax[j] ?? 0) &&
    need.memory <= (memoryMax[j] ?? 0) &&
    (functionsMax[j] ?? 0) >= 1
  );
}

/** The first rule that keeps function i off unit j, in the order of the type. */
export function filterOf(options: {
  problem: PlacementProblem;
  instance: Instance;
  down: ReadonlySet<string>;
  i: number;
  j: number;
}): Filter | undefined {
  const { problem, instance, down, i, j } = options;
  const need = problem.functions[i];
  const unit = problem.units[j];
  if (need === undefined || unit === undefined) return undefined;
  if (down.has(unit.id)) return "down";
  if (need.zones !== undefined && !need.zones.includes(unit.zone)) return "zone";
  const latency_ms = problem.latency_ms[i * instance.units + j] ?? 0;
  if (latency_ms === Number.POSITIVE_INFINITY) return "unmeasured";
  if (latency_ms > need.latencyMax_ms) return "latency";
  if ((instance.functionsMax[j] ?? 0) < 1) return "functions";
  if (need.cpu > (instance.cpuMax[j] ?? 0)) return "cpu";
  return need.memory > (instance.memoryMax[j] ?? 0) ? "memory" : undefined;
}

function groupsOf(problem: PlacementProblem): Pick<Instance, "group" | "groups"> {
  const places = new Map<string, number>();
  const members: number[][] = [];
  const group = Int32Array.from(problem.functions, ({ antiAffinity }, i) => {
    if (antiAffinity === undefined) return -1;
    const place = places.get(antiAffinity) ?? members.length;
    if (place === members.length) {
      places.set(antiAffinity, place);
      members.push([]);
    }
    members[place]?.push(i);
    return place;
  });
  return { group, groups: members };
}

/** What an assignment costs; Infinity where a pair is forbidden or a function has no unit. */
export function costOf(instance: Instance, assignment: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < instance.functions; i++) {
    const j = assignment[i] ?? -1;
    sum += j < 0 ? Number.POSITIVE_INFINITY : (instance.cost[i * instance.units + j] ?? 0);
  }
  return sum;
}
