import { FeatureWriter } from "../features/feature-writer.ts";
import {
  type MemorySettings,
  NetworkMemory,
  type NetworkPlan,
} from "../features/network-memory.ts";
import type { NetworkPoint } from "../status/network-point.ts";

/** Snapshots kept for lags: three days of quarter hours and a margin. */
const keptSnapshots = 300;

/** An empty memory of a network and the writer of features from it. */
export function emptyMemory(o: {
  points: readonly NetworkPoint[];
  classes: readonly string[];
  halfLives: readonly number[];
  zone_min: number;
}): { memory: NetworkMemory; writer: FeatureWriter } {
  const settings: MemorySettings = {
    classCount: o.classes.length,
    halfLives: o.halfLives,
    zone_min: o.zone_min,
    kept: keptSnapshots,
  };
  const memory = new NetworkMemory({ settings, plan: planOf(o.points) });
  const writer = new FeatureWriter({ memory, traits: o.points, classes: o.classes });
  return { memory, writer };
}

/** Groups as numbers, level by level. */
function planOf(points: readonly NetworkPoint[]): NetworkPlan {
  const levels = [0, 1, 2].map((level) => {
    const numbers = new Map<string, number>();
    return Int32Array.from(points, ({ groups }) => {
      const key = groups[level] ?? "";
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  });
  return { pointCount: points.length, levels };
}
