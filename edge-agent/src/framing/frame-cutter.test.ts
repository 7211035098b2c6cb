import { expect, test } from "vitest";
import { testAlarm, testReading } from "../testing/test-vehicle.ts";
import type { Cut } from "./cut.ts";
import { FrameCutter } from "./frame-cutter.ts";
import { recoveryCuts } from "./recovery-cuts.ts";

function cutter(given: { frameSamplesMax?: number; frameAge_ms?: number } = {}): FrameCutter {
  return new FrameCutter({
    boot: 1,
    frameSamplesMax: 64,
    frameAge_ms: 10_000,
    period_ms: 1000,
    ...given,
  });
}

function add(target: FrameCutter, number: number, given: Parameters<typeof testReading>[1] = {}) {
  const reading = testReading(number, given);
  return target.add({ reading, number, alarms: [], monotonic_ms: number * 1000 });
}

function lengths(cuts: readonly Cut[]): readonly (number | undefined)[] {
  return cuts.map(({ telemetry }) => telemetry?.samples.length);
}

test("a frame is cut when it is full", () => {
  const target = cutter({ frameSamplesMax: 3 });
  const cuts = [1, 2, 3, 4, 5, 6].map((number) => lengths(add(target, number)));
  expect(cuts).toEqual([[], [], [3], [], [], [3]]);
});

test("a frame is cut when its first sample has the age", () => {
  const target = cutter({ frameAge_ms: 4000 });
  const cuts = [1, 2, 3, 4, 5].flatMap((number) => add(target, number));
  expect(lengths(cuts)).toEqual([5]);
  expect(cuts[0]?.stamp).toMatchObject({ boot: 1, lastSample: 5, monotonic_ms: 5000 });
  expect(target.due({ wall_ms: 0, monotonic_ms: 99_000 })).toEqual([]);
});

test("a reading that comes a little early still cuts: the next would be a whole period late", () => {
  const target = cutter({ frameAge_ms: 3000 });
  const cuts = [0, 1000, 2000, 2999].flatMap((monotonic_ms, i) => {
    const plain = testReading(i);
    const reading = { ...plain, sample: { ...plain.sample, monotonic_ms } };
    return target.add({ reading, number: i + 1, alarms: [], monotonic_ms });
  });
  expect(lengths(cuts)).toEqual([4]);
});

test("an alarm cuts the frame that holds its reading at once", () => {
  const target = cutter();
  add(target, 1);
  const alarms = [testAlarm(2)];
  const cuts = target.add({ reading: testReading(2), number: 2, alarms, monotonic_ms: 2000 });
  expect(lengths(cuts)).toEqual([2]);
  expect(cuts[0]?.alarms).toEqual(alarms);
});

test("one frame never mixes origins, sources or shapes of pack", () => {
  const target = cutter();
  add(target, 1);
  expect(lengths(add(target, 2, { source: "another cycle" }))).toEqual([1]);
  expect(lengths(add(target, 3, { source: "another cycle", origin: "simulated" }))).toEqual([1]);
  const sample = { ...testReading(4).sample, cellVoltage_mV: Uint16Array.of(3600) };
  expect(lengths(add(target, 4, { sample }))).toEqual([1]);
  expect(lengths(target.flush({ wall_ms: 0, monotonic_ms: 0 }))).toEqual([1]);
});

test("recovered samples of two runs never share a frame, and notices come last", () => {
  const samples = [1, 2, 3].map((number) => ({
    ...testReading(number),
    number,
    boot: number < 3 ? 1 : 2,
  }));
  const at = { wall_ms: 9_000_000, monotonic_ms: 5 };
  const recovered = { samples, lost: [], last_ms: 8_000_000 };
  const cuts = recoveryCuts({ recovered, boot: 3, lastSample: 3, frameSamplesMax: 64, at });
  expect(lengths(cuts)).toEqual([2, 1, undefined]);
  expect(cuts.map(({ stamp }) => stamp.boot)).toEqual([1, 2, 3]);
  expect(cuts[2]?.notices).toMatchObject([
    { cause: "agent-restart", from_ms: 8_000_000, to_ms: 9_000_000, samples: 0 },
  ]);
});

test("the first start ever has nothing to tell", () => {
  const recovered = { samples: [], lost: [], last_ms: undefined };
  const at = { wall_ms: 1, monotonic_ms: 1 };
  expect(recoveryCuts({ recovered, boot: 1, lastSample: 0, frameSamplesMax: 64, at })).toEqual([]);
});
