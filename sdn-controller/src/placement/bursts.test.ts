import { SeededRandom } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { BundleBook } from "../bundles/bundle-book.ts";
import { LatencyTable } from "../topology/latency-table.ts";
import { loadsOf } from "./attachment.ts";
import { PlacementBook, type Situation } from "./placement-book.ts";

/**
 * A loaded machine: each unit in turn is slow for five seconds, for all vehicles at once. The book and the
 * latency table are the controller's own; a vehicle reports every two seconds, as the agent does.
 */
const unitIds = ["unit-1", "unit-2", "unit-3"];
const vehicleIds = Array.from({ length: 12 }, (_, i) => `vehicle-${i}`);
const burst_s = 5;
const report_s = 2;
const rules = {
  ...{ vehiclesPerUnitMax: 100, moveGain_ms: 20, moveGainRatio: 0.1, moveSamples: 3 },
  ...{ moveCooldown_ms: 60_000, movesPerRoundMax: 10 },
};

interface Course {
  readonly seed: number;
  readonly equalLatency_ms: number;
  readonly duration_s: number;
  /** What comes on top of a way of some 10 ms. */
  readonly extra_ms: (unit: number, now_s: number) => number;
  /** Whether the unit that serves is slow to acknowledge, too. */
  readonly mqtt?: boolean;
}

function fleet({ seed, equalLatency_ms, duration_s, extra_ms, mqtt = false }: Course): {
  moves: number;
  loads: number[];
} {
  const random = new SeededRandom(seed);
  const table = new LatencyTable({ vehiclesMax: vehicleIds.length });
  const bundles = new BundleBook({ functions: [], dwell_ms: 0 });
  const book = new PlacementBook({
    ...{ rules: { ...rules, equalLatency_ms }, bundles, functions: [], vehiclesMax: 100 },
    ...{ start: { version: 0, attachments: [] }, now_ms: 0 },
  });
  const report = (now_s: number): void => {
    for (const vehicleId of vehicleIds) {
      for (const [i, unitId] of unitIds.entries()) {
        const latency_ms = 8 + 4 * random.uniform() + extra_ms(i, now_s);
        const isHere = mqtt && book.placeOf(vehicleId) === unitId;
        const mqtt_ms = isHere ? 20 + 2 * extra_ms(i, now_s) : null;
        table.record({ vehicleId, unitId, latency_ms, mqtt_ms });
      }
    }
  };
  const situation = (now_s: number): Situation => ({
    units: unitIds.map((id) => ({
      ...{ id, alive: true, holds: () => true },
      connected: new Set(vehicleIds.filter((vehicleId) => book.placeOf(vehicleId) === id)),
    })),
    latencyOf: (link) => table.latencyOf(link),
    rangeOf: (link) => table.rangeOf(link),
    now_ms: 1000 * now_s,
  });
  let moves = 0;
  for (let now_s = 0; now_s < duration_s; now_s++) {
    if (now_s % report_s === 0) report(now_s);
    if (now_s === 0) for (const id of vehicleIds) book.attach(id, situation(now_s));
    moves += book.review(situation(now_s)).length;
  }
  const loads = loadsOf(book.attachments);
  return { moves, loads: unitIds.map((id) => loads.get(id) ?? 0) };
}

/** From the first minute on one unit is slow at any time, each in its turn. */
const inTurns =
  (slow_ms: number) =>
  (unit: number, now_s: number): number =>
    now_s >= 60 && Math.floor(now_s / burst_s) % unitIds.length === unit ? slow_ms : 0;

const seeds = [1, 2];

for (const equalLatency_ms of [5, 100]) {
  for (const slow_ms of [60, 150, 600]) {
    const asked = `${slow_ms} ms, equal within ${equalLatency_ms} ms`;
    test(`units that are slow in turns (${asked}) move nobody, and the load stays spread`, () => {
      for (const seed of seeds) {
        for (const mqtt of [false, true]) {
          const course = { seed, equalLatency_ms, duration_s: 600, extra_ms: inTurns(slow_ms) };
          expect(fleet({ ...course, mqtt })).toEqual({ moves: 0, loads: [4, 4, 4] });
        }
      }
    });
  }
}

test("a unit that stays slow is left within half a minute, for the others alike", () => {
  const extra_ms = (unit: number, now_s: number): number => (unit === 0 && now_s >= 60 ? 60 : 0);
  for (const seed of seeds) {
    const { moves, loads } = fleet({ seed, equalLatency_ms: 5, duration_s: 90, extra_ms });
    expect(moves).toBe(4);
    expect(loads).toEqual([0, 6, 6]);
  }
});
