import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NetworkHistory } from "../status/network-history.ts";
import { FeatureWriter } from "./feature-writer.ts";
import { NetworkMemory } from "./network-memory.ts";
import { type Horizon, walkHistory } from "./walk-history.ts";

const quarter_ms = 900_000;
const points = 4;
const classes = ["available", "charging", "maintenance"] as const;
const horizons_min: readonly Horizon[] = [15, 60, "next"];

function historyOf(statuses: readonly (readonly number[])[]): NetworkHistory {
  return {
    classes,
    pointIds: ["a", "b", "c", "d"],
    snapshots: statuses.map((row, i) => ({
      at_ms: 1_700_000_000_000 + i * quarter_ms,
      statuses: Uint8Array.from(row),
      updated_ms: Float64Array.from(row, (status) => 1_600_000_000_000 + status * 1000),
    })),
  };
}

/** Features of every forecast, by target and horizon. */
function featuresOf(history: NetworkHistory): ReadonlyMap<string, Float32Array> {
  const memory = new NetworkMemory({
    settings: { classCount: classes.length, halfLives: [4, 24], zone_min: 60, kept: 300 },
    plan: { pointCount: points, levels: [Int32Array.of(0, 0, 1, 1)] },
  });
  const traits = history.pointIds.map(() => ({ power_kW: 22, outlet: 1, price_EURperkWh: 0 }));
  const writer = new FeatureWriter({ memory, traits, classes });
  const all = new Map<string, Float32Array>();
  for (const task of walkHistory({ memory, history, horizons_min })) {
    const into = new Float32Array(points * writer.count);
    for (let point = 0; point < points; point++) {
      writer.write({ point, target_ms: task.target.at_ms, into, at: point * writer.count });
    }
    all.set(`${task.targetIndex} ${task.horizonIndex}`, into);
  }
  return all;
}

/** Whether the forecast's present, which its key tells, is not after a snapshot. */
function isKnowable(key: string, snapshot: number): boolean {
  const [target = 0, horizon = 0] = key.split(" ").map(Number);
  const horizon_min = horizons_min[horizon] ?? "next";
  return target - (horizon_min === "next" ? 1 : horizon_min / 15) <= snapshot;
}

const statuses = fc.array(
  fc.array(fc.nat(classes.length - 1), { minLength: points, maxLength: points }),
  { minLength: 12, maxLength: 30 },
);

describe("features", () => {
  it("of a time ahead stay as they are when every later status and update time is another", () => {
    fc.assert(
      fc.property(statuses, fc.nat(), (rows, seed) => {
        const present = seed % rows.length;
        const changed = rows.map((row, i) => (i <= present ? row : row.map((s) => (s + 1) % 3)));
        const [before, after] = [featuresOf(historyOf(rows)), featuresOf(historyOf(changed))];
        for (const [key, values] of before) {
          if (isKnowable(key, present)) expect(after.get(key)).toEqual(values);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("do change with what is known at the present", () => {
    const rows = Array.from({ length: 12 }, () => [0, 0, 0, 0]);
    const changed = rows.map((row, i) => (i === 5 ? [1, 0, 0, 0] : row));
    const [before, after] = [featuresOf(historyOf(rows)), featuresOf(historyOf(changed))];
    expect(after.get("6 2")).not.toEqual(before.get("6 2"));
    expect(after.get("5 2")).toEqual(before.get("5 2"));
  });

  it("are as many as their names, and finite", () => {
    const rows = Array.from({ length: 12 }, (_, i) => [i % 3, 255, 1, 0]);
    for (const values of featuresOf(historyOf(rows)).values()) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});
