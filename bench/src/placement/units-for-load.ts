import type { FunctionNeed, UnitRoom } from "@voltfog/sdn-controller";

export interface ProblemSize {
  readonly functions: number;
  readonly units: number;
  /** Need over capacity of the scarcer resource, which is cpu. */
  readonly load: number;
  readonly seed: number;
}

/** Scales the capacities: cpu to the load asked, memory to four fifths of it. */
export function unitsForLoad(o: {
  units: readonly UnitRoom[];
  functions: readonly FunctionNeed[];
  load: number;
}): readonly UnitRoom[] {
  const ratio = (of: (one: FunctionNeed | UnitRoom) => number, load: number): number =>
    sumOf(o.functions.map(of)) / load / sumOf(o.units.map(of));
  const cpuRatio = ratio(({ cpu }) => cpu, o.load);
  const memoryRatio = ratio(({ memory }) => memory, 0.8 * o.load);
  return o.units.map((unit) => ({
    ...unit,
    cpu: unit.cpu * cpuRatio,
    memory: unit.memory * memoryRatio,
  }));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
