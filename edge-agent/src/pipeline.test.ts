import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { Cut } from "./framing/cut.ts";
import { FrameCutter } from "./framing/frame-cutter.ts";
import { Pipeline } from "./pipeline.ts";
import { noLimits } from "./sampling/battery-source.ts";
import { startTime_ms, testReading } from "./testing/test-vehicle.ts";
import { PackWatch, replayedPackArea } from "./twin/pack-watch.ts";
import { VehicleCounters } from "./vehicle-counters.ts";

function vehicle(given: { lastSample?: number; broken?: readonly number[] } = {}) {
  const clock = new ManualClock(startTime_ms);
  const cuts: Cut[] = [];
  const unframed: number[] = [];
  const counters = new VehicleCounters();
  let tick = 0;
  const pipeline = new Pipeline({
    clock,
    boot: 1,
    lastSample: given.lastSample ?? 0,
    limits: () => noLimits,
    source: {
      abilities: { cooling: false, heating: false, bleeding: false },
      read(at) {
        const reading = testReading(++tick);
        const soc = given.broken?.includes(tick) ? Number.NaN : 0.5;
        return { ...reading, sample: { ...reading.sample, ...at, soc } };
      },
    },
    watch: new PackWatch({ area: replayedPackArea }),
    twin: undefined,
    unframed: { append: (sample) => unframed.push(sample.number) > 0 },
    cutter: new FrameCutter({ boot: 1, frameSamplesMax: 3, frameAge_ms: 10_000, period_ms: 1000 }),
    writer: { offer: (cut) => cuts.push(cut) },
    counters,
  });
  return { clock, pipeline, cuts, unframed, counters };
}

test("a reading is on disk before it waits for its frame, and numbers go on over restarts", () => {
  const { pipeline, cuts, unframed } = vehicle({ lastSample: 40 });
  for (let i = 0; i < 4; i++) pipeline.tick();
  expect(unframed).toEqual([41, 42, 43, 44]);
  expect(cuts.map(({ stamp }) => stamp.lastSample)).toEqual([43]);
});

test("an impossible reading takes no number and is counted by its code", () => {
  const { pipeline, cuts, unframed, counters } = vehicle({ broken: [2, 3] });
  for (let i = 0; i < 5; i++) pipeline.tick();
  expect(unframed).toEqual([1, 2, 3]);
  expect(counters.samples).toBe(3);
  expect(counters.refusedSamples.get("NOT_FINITE")).toBe(2);
  expect(cuts.map(({ telemetry }) => telemetry?.samples.length)).toEqual([3]);
});

test("finishing cuts what is open and declares what is missing", () => {
  const { pipeline, cuts } = vehicle();
  pipeline.tick();
  pipeline.finish();
  expect(cuts.map(({ telemetry, closeGap }) => [telemetry?.samples.length, closeGap])).toEqual([
    [1, "never"],
    [undefined, "always"],
  ]);
});
