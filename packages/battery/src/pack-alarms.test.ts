import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackAlarms } from "./pack-alarms.ts";
import type { PackSample } from "./pack-sample.ts";
import { lgHg2Cell, nmcPack, scaledToPack } from "./safe-operating-area.ts";
import { levelOf, safetyReadings } from "./safety-reading.ts";
import { DriveCurrent } from "./simulation/drive-current.ts";
import { PackSimulator } from "./simulation/pack-simulator.ts";
import { steadySample } from "./testing/steady-sample.ts";

function run(samples: readonly PackSample[], area = nmcPack): string[] {
  const alarms = new PackAlarms({ area });
  return samples.flatMap((sample) =>
    alarms
      .update(sample)
      .map(({ class: name, state, level, cell }) => `${name} ${state} ${level} at ${cell}`),
  );
}

const seconds = (count: number): number[] => Array.from({ length: count }, (_, t_s) => t_s);

describe("a pack's alarms", () => {
  it("are silent for a sound pack at rest", () => {
    expect(run(seconds(100).map((t_s) => steadySample(t_s)))).toEqual([]);
  });

  it("name class, level and cause cell of a voltage out of range, after two readings", () => {
    const high = seconds(5).map((t_s) => steadySample(t_s, { cells_mV: [3700, 4225, 3700] }));
    expect(run(high)).toEqual(["cell-over-voltage asserted 2 at 1"]);
    expect(run(high.slice(0, 1))).toEqual([]);
    const low = seconds(5).map((t_s) => steadySample(t_s, { cells_mV: [3700, 3700, 2990] }));
    expect(run(low)).toEqual(["cell-under-voltage asserted 3 at 2"]);
  });

  it("warn of a hot sensor, and clear five degrees lower after the hold", () => {
    const temperature_degC = (t_s: number): number => (t_s < 5 ? 61 : 54.5);
    const samples = seconds(60).map((t_s) =>
      steadySample(t_s, { sensors_degC: [25, temperature_degC(t_s)] }),
    );
    expect(run(samples)).toEqual([
      "over-temperature asserted 2 at 1",
      "over-temperature cleared 2 at 1",
    ]);
  });

  it("report a rise that goes on, and not one outlier of a sensor", () => {
    const rising = seconds(20).map((t_s) =>
      steadySample(t_s, { sensors_degC: [25, 25 + Math.max(0, t_s - 10)] }),
    );
    expect(run(rising)).toContain("temperature-rise asserted 2 at 1");
    const outlier = seconds(40).map((t_s) =>
      steadySample(t_s, { sensors_degC: [25, t_s === 20 ? 45 : 25] }),
    );
    expect(run(outlier)).toEqual([]);
  });

  it("tell charge from discharge for currents", () => {
    const current = (packCurrent_A: number): PackSample[] =>
      seconds(3).map((t_s) => steadySample(t_s, { packCurrent_A }));
    expect(run(current(170))).toEqual(["over-current asserted 2 at 0"]);
    expect(run(current(-170))).toEqual([]);
    expect(run(current(-800))).toEqual(["over-current asserted 3 at 0"]);
  });

  it("hold a pack that charges to the narrower temperatures, and not one that brakes", () => {
    const cold = (packCurrent_A: (t_s: number) => number): string[] =>
      run(
        seconds(120).map((t_s) =>
          steadySample(t_s, { sensors_degC: [-15, -15], packCurrent_A: packCurrent_A(t_s) }),
        ),
      );
    expect(cold(() => 50)).toEqual(["under-temperature asserted 2 at 0"]);
    expect(cold((t_s) => (t_s % 20 < 4 ? 100 : -60))).toEqual([]);
  });

  it("never throw and never say NaN, whatever is measured", () => {
    const number = fc.oneof(fc.double(), fc.double({ min: -100, max: 5000, noNaN: true }));
    const sample = fc.record<PackSample>({
      wall_ms: number,
      monotonic_ms: number,
      packVoltage_V: number,
      packCurrent_A: number,
      soc: number,
      cellVoltage_mV: fc.uint16Array({ maxLength: 8 }),
      temperature_degC: fc.float32Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 30 }), (samples) => {
        const alarms = new PackAlarms({ area: nmcPack });
        for (const change of samples.flatMap((one) => alarms.update(one))) {
          expect(Number.isNaN(change.value)).toBe(false);
        }
      }),
    );
  });

  it("stay below warning for temperatures over an hour of simulated driving", () => {
    const random = new SeededRandom(5);
    const pack = new PackSimulator({ random });
    const driver = new DriveCurrent({ random, capacity_Ah: pack.capacity_Ah });
    const alarms = new PackAlarms({ area: scaledToPack(lgHg2Cell, pack.capacity_Ah) });
    for (let t_s = 0; t_s < 3600; t_s++) {
      const current_A = driver.next_A({ step_s: 1, soc: pack.soc });
      const time = { wall_ms: 1e12 + 1000 * t_s, monotonic_ms: 1000 * t_s };
      const changes = alarms.update(pack.step({ current_A, step_s: 1, ...time }));
      const thermal = changes.filter(({ class: name }) => name.includes("temperature"));
      expect(thermal.filter(({ level }) => level >= 2)).toEqual([]);
    }
  });
});

describe("a reading against its limits", () => {
  it("has the level of the furthest limit that it reaches", () => {
    const level = (cells_mV: number[], name: string) => {
      const sample = steadySample(0, { cells_mV });
      const readings = safetyReadings({ sample, area: lgHg2Cell, charging: false });
      const reading = readings.find((one) => one.class === name);
      return reading && levelOf(reading);
    };
    expect([4219, 4220, 4230, 4250].map((mV) => level([3700, mV], "cell-over-voltage"))).toEqual([
      0, 1, 2, 3,
    ]);
    expect([2801, 2800, 2650, 2500].map((mV) => level([3700, mV], "cell-under-voltage"))).toEqual([
      0, 1, 2, 3,
    ]);
    expect(level([], "cell-over-voltage")).toBeUndefined();
  });

  it("scales currents, and nothing else, with the capacity of the pack", () => {
    const pack = scaledToPack(lgHg2Cell, 27.81);
    expect(pack.dischargeCurrentMax_A.map((limit_A) => Math.round(limit_A))).toEqual([
      200, 225, 250,
    ]);
    expect(pack.cellVoltageMax_V).toEqual(lgHg2Cell.cellVoltageMax_V);
    expect(pack.capacity_Ah).toBe(27.81);
  });

  it("has limits that lie further out from level to level", () => {
    for (const area of [lgHg2Cell, nmcPack]) {
      const rising = (limits: readonly number[]): boolean =>
        limits.every((limit, i) => i === 0 || limit > (limits[i - 1] ?? 0));
      for (const [name, limits] of Object.entries(area)) {
        if (!Array.isArray(limits)) continue;
        expect(rising(name.includes("Min_") ? limits.toReversed() : limits)).toBe(true);
      }
    }
  });
});
