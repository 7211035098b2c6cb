import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PackSample } from "../pack-sample.ts";
import { DriveCurrent } from "../simulation/drive-current.ts";
import { packPresets } from "../simulation/pack-preset.ts";
import { PackSimulator } from "../simulation/pack-simulator.ts";
import { presetParameters } from "./preset-parameters.ts";
import { residualCourse } from "./residual-course.ts";

const { cell, capacity_Ah } = packPresets.nmc96;
const [cells, sensors] = [12, 4];
const twin = { cell, parameters: presetParameters.nmc96, cells, sensors, capacity_Ah };
const start_ms = 1.7e12;

/** Ten minutes of a simulated drive at 1 Hz. */
function drive(seed: number): PackSample[] {
  const random = new SeededRandom(seed);
  const pack = new PackSimulator({ random, cells, sensors, startSoc: 0.8, ambient_degC: 20 });
  const current = new DriveCurrent({ random, capacity_Ah });
  return Array.from({ length: 600 }, (_, i) => {
    const current_A = current.next_A({ step_s: 1, soc: pack.soc });
    const at_ms = i * 1000;
    return pack.step({ current_A, step_s: 1, wall_ms: start_ms + at_ms, monotonic_ms: at_ms });
  });
}

const range = { from_ms: start_ms, to_ms: start_ms + 600_000, parts: 60 };

test("a sound pack lies within a few millivolts of its twin once the filters have settled", () => {
  const course = residualCourse(drive(3), { ...twin, ...range });
  expect(course.slice(0, 2)).toEqual([null, null]);
  const parts = course.flatMap((part) => (part === null ? [] : [part]));
  expect(parts).toHaveLength(58);
  const middle_V = parts.map(({ common_V }) => Math.abs(common_V)).sort((a, b) => a - b)[29] ?? 1;
  expect(middle_V).toBeLessThan(0.01);
  expect(parts.every(({ readings }) => readings === 10)).toBe(true);
});

test("a cell whose voltage drops by 40 mV is named in the part where it does", () => {
  const samples = drive(4).map((sample, i) => {
    if (i !== 305) return sample;
    const cellVoltage_mV = Uint16Array.from(sample.cellVoltage_mV);
    cellVoltage_mV[7] = (cellVoltage_mV[7] ?? 0) - 40;
    return { ...sample, cellVoltage_mV };
  });
  const part = residualCourse(samples, { ...twin, ...range })[30];
  expect(part?.farthestCell).toBe(7);
  expect(part?.farthest_V).toBeLessThan(-0.02);
});

test("whatever readings hold, every part is null or of finite numbers", () => {
  const number = fc.double();
  const reading = fc.record({
    wall_ms: fc.oneof(fc.integer({ min: start_ms, max: start_ms + 600_000 }), number),
    monotonic_ms: fc.oneof(fc.integer({ min: 0, max: 600_000 }), number),
    packVoltage_V: number,
    packCurrent_A: number,
    soc: number,
    cellVoltage_mV: fc.uint16Array({ minLength: 11, maxLength: 12 }),
    temperature_degC: fc.float32Array({ minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
      for (const part of residualCourse(readings, { ...twin, ...range })) {
        if (part !== null) expect(Object.values(part).every(Number.isFinite)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
