import { normal, type Random, SeededRandom } from "@voltfog/runtime";
import type { FunctionNeed, PlacementProblem } from "@voltfog/sdn-controller";
import { type ProblemSize, unitsForLoad } from "./units-for-load.ts";

interface Place {
  readonly x_km: number;
  readonly y_km: number;
  readonly zone: number;
}

/** Of a kilometre: light in fibre, and a switch every few. */
const way_ms = 0.4;
const zoneHop_ms = 6;

/**
 * A city with units in zones of ten. Vehicles crowd: zones differ in demand by a factor of about three, so that the
 * nearest units are full before the farthest see anyone. Latency is the last hop by radio, the way, and a
 * hop between zones, each with its own noise. A third of the functions are alert (weight 4, 100 ms),
 * control (2, 500 ms) and bulk (1, none); one in ten has a standby in its anti-affinity group.
 */
export function cityProblem(size: ProblemSize): PlacementProblem {
  const random = new SeededRandom(size.seed);
  const zones = Math.max(2, Math.round(size.units / 10));
  const centres = Array.from(
    { length: zones },
    (_, zone): Place => ({
      x_km: 40 * random.uniform(),
      y_km: 40 * random.uniform(),
      zone,
    }),
  );
  const demand = centres.map(() => 0.5 + random.uniform());
  const unitPlaces = Array.from({ length: size.units }, (_, j) => near(centres, j % zones, random));
  const functionPlaces = Array.from({ length: size.functions }, () =>
    near(centres, weighted(demand, random), random),
  );
  const functions = functionPlaces.map((_, i) => need(i, random));
  const units = unitPlaces.map(({ zone }, j) => ({
    id: `unit-${j + 1}`,
    cpu: 0.6 + 0.8 * random.uniform(),
    memory: 0.6 + 0.8 * random.uniform(),
    zone: `zone-${zone + 1}`,
  }));
  return {
    functions,
    units: unitsForLoad({ units, functions, load: size.load }),
    latency_ms: latencies(functionPlaces, unitPlaces, random),
    current: new Int32Array(size.functions).fill(-1),
  };
}

function need(i: number, random: Random): FunctionNeed {
  const latencyClass = [
    { latencyMax_ms: 100, weight: 4 },
    { latencyMax_ms: 500, weight: 2 },
    { latencyMax_ms: 1e6, weight: 1 },
  ][i % 3] ?? { latencyMax_ms: 1e6, weight: 1 };
  const standby = i % 20 < 2 ? { antiAffinity: `pair-${Math.floor(i / 20)}` } : {};
  return {
    id: `function-${i + 1}`,
    cpu: 0.2 + 1.8 * random.uniform() ** 2,
    memory: 32 + 224 * random.uniform(),
    ...latencyClass,
    migrationCost: 0,
    ...standby,
  };
}

function latencies(
  functions: readonly Place[],
  units: readonly Place[],
  random: Random,
): Float64Array {
  const latency_ms = new Float64Array(functions.length * units.length);
  let at = 0;
  for (const from of functions) {
    const radio_ms = 2 + 6 * random.uniform();
    for (const to of units) {
      const way_km = Math.hypot(from.x_km - to.x_km, from.y_km - to.y_km);
      const hop_ms = from.zone === to.zone ? 0 : zoneHop_ms;
      const fixed_ms = radio_ms + way_km * way_ms + hop_ms;
      latency_ms[at++] = fixed_ms * (0.9 + 0.2 * random.uniform());
    }
  }
  return latency_ms;
}

function near(centres: readonly Place[], zone: number, random: Random): Place {
  const centre = centres[zone] ?? { x_km: 0, y_km: 0 };
  return { x_km: centre.x_km + 2 * normal(random), y_km: centre.y_km + 2 * normal(random), zone };
}

function weighted(weights: readonly number[], random: Random): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [place, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return place;
  }
  return weights.length - 1;
}
