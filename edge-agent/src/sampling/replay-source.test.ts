import { SeededRandom } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { noLimits, type PackLimits, type Reading } from "./battery-source.ts";
import type { DriveCycle } from "./drive-cycle.ts";
import { ReplaySource } from "./replay-source.ts";
import { SimulatorSource } from "./simulator-source.ts";

/** Two minutes of discharge at 3 A from full, at a cold ambient. */
const cycle: DriveCycle = {
  name: "LG HG2 TEST 0 degC",
  time_s: Float32Array.from({ length: 121 }, (_, i) => i),
  cellVoltage_V: Float32Array.from({ length: 121 }, (_, i) => 4.1 - i * 0.001),
  cellCurrent_A: new Float32Array(121).fill(-3),
  surface_degC: new Float32Array(121).fill(0),
  charge_Ah: Float32Array.from({ length: 121 }, (_, i) => (-3 * i) / 3600),
};

function replay(given: { startShare?: number; step_s?: number; seed?: number } = {}): ReplaySource {
  const { seed = 1, ...rest } = given;
  return new ReplaySource({
    cycle,
    startShare: 0,
    step_s: 1,
    random: new SeededRandom(seed),
    ...rest,
  });
}

function take(
  source: { read: ReplaySource["read"] },
  count: number,
  limits: PackLimits = noLimits,
): readonly Reading[] {
  return Array.from({ length: count }, (_, i) =>
    source.read({ wall_ms: i * 1000, monotonic_ms: i * 1000, limits }),
  );
}

test("a replay is a pack of 96 cells and 24 sensors, says what it replays, and repeats by its seed", () => {
  const [first] = take(replay(), 1);
  expect(first).toMatchObject({ origin: "replayed", source: "LG HG2 TEST 0 degC" });
  expect(first?.sample.cellVoltage_mV).toHaveLength(96);
  expect(first?.sample.temperature_degC).toHaveLength(24);
  expect(take(replay(), 50)).toEqual(take(replay(), 50));
  expect(take(replay({ seed: 2 }), 1)).not.toEqual(take(replay(), 1));
});

test("after the cycle the pack recharges without a jump, labelled simulated, and drives again", () => {
  const readings = take(replay(), 121 + 4 * 3600);
  const back = readings.findIndex(({ origin }, i) => i > 121 && origin === "replayed");
  expect(readings[120]?.origin).toBe("replayed");
  expect(readings[121]?.origin).toBe("simulated");
  expect(back).toBeGreaterThan(121 + 1200);
  for (const [i, reading] of readings.slice(0, back + 60).entries()) {
    const before = readings[i - 1]?.sample;
    if (before === undefined) continue;
    expect(Math.abs(reading.sample.soc - before.soc)).toBeLessThan(0.003);
    const rise_degC = (reading.sample.temperature_degC[0] ?? 0) - (before.temperature_degC[0] ?? 0);
    expect(Math.abs(rise_degC)).toBeLessThanOrEqual(0.5); // One step of the sensor.
  }
});

test("a faster replay interpolates: the same drive in more samples", () => {
  const slow = take(replay(), 60);
  const fast = take(replay({ step_s: 0.1 }), 600);
  expect(fast[590]?.sample.soc).toBeCloseTo(slow[59]?.sample.soc ?? 0, 2);
});

test("a limit on the current bites, keeps the charge, and leaves everything else alone", () => {
  const limits = { ...noLimits, dischargeMax_A: 50 };
  const free = take(replay(), 100);
  const limited = take(replay(), 100, limits);
  const lowest_A = Math.min(...limited.map(({ sample }) => sample.packCurrent_A));
  expect(lowest_A).toBeGreaterThan(-51);
  expect(Math.min(...free.map(({ sample }) => sample.packCurrent_A))).toBeLessThan(-100);
  expect(limited[99]?.sample.soc).toBeGreaterThan(free[99]?.sample.soc ?? 1);
  const loose = { ...noLimits, chargeMax_A: 1000, dischargeMax_A: 1000 };
  expect(take(replay(), 100, loose)).toEqual(free);
});

test("the simulator says so, repeats by its seed, and keeps to a limit", () => {
  const simulator = (): SimulatorSource =>
    new SimulatorSource({ random: new SeededRandom(4), startSoc: 0.6, step_s: 1 });
  const readings = take(simulator(), 300);
  expect(readings).toEqual(take(simulator(), 300));
  expect(readings.every(({ origin }) => origin === "simulated")).toBe(true);
  const limited = take(simulator(), 300, { ...noLimits, dischargeMax_A: 20, chargeMax_A: 10 });
  for (const { sample } of limited) {
    expect(sample.packCurrent_A).toBeGreaterThan(-21);
    expect(sample.packCurrent_A).toBeLessThan(11);
  }
});
