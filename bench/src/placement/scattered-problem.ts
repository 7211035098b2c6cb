import { SeededRandom } from "@voltfog/runtime";
import type { PlacementProblem } from "@voltfog/sdn-controller";
import { type ProblemSize, unitsForLoad } from "./units-for-load.ts";

/**
 * The hard case without structure: every latency is drawn for itself from 1 to 100 ms, so that no two
 * functions want the same, and nothing of a cost is common to all units. All weights are 1.
 */
export function scatteredProblem(size: ProblemSize): PlacementProblem {
  const random = new SeededRandom(size.seed);
  const functions = Array.from({ length: size.functions }, (_, i) => ({
    id: `function-${i + 1}`,
    cpu: 5 + 20 * random.uniform(),
    memory: 5 + 20 * random.uniform(),
    latencyMax_ms: 1000,
    weight: 1,
    migrationCost: 0,
  }));
  const units = Array.from({ length: size.units }, (_, j) => ({
    id: `unit-${j + 1}`,
    cpu: 1,
    memory: 1,
    zone: "one",
  }));
  return {
    functions,
    units: unitsForLoad({ units, functions, load: size.load }),
    latency_ms: Float64Array.from(
      { length: size.functions * size.units },
      () => 1 + 99 * random.uniform(),
    ),
    current: new Int32Array(size.functions).fill(-1),
  };
}
