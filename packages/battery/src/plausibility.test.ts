import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PackSample } from "./pack-sample.ts";
import { PlausibilityCheck, plausibility } from "./plausibility.ts";
import { DriveCurrent } from "./simulation/drive-current.ts";
import { PackSimulator } from "./simulation/pack-simulator.ts";
import { steadySample } from "./testing/steady-sample.ts";

describe("plausibility", () => {
  it("finds nothing in a sound sample, nor in one of a cell that burns", () => {
    expect(plausibility(steadySample(0))).toEqual([]);
    const burning = steadySample(0, { cells_mV: [3700, 0, 3700], sensors_degC: [25, 600] });
    expect(plausibility(burning)).toEqual([]);
  });

  it.each<[string, PackSample]>([
    ["NOT_FINITE", steadySample(0, { packCurrent_A: Number.NaN })],
    ["NOT_FINITE", steadySample(0, { wall_ms: Number.POSITIVE_INFINITY })],
    ["NOT_FINITE", steadySample(0, { sensors_degC: [25, Number.NaN] })],
    ["NO_CELLS", steadySample(0, { cells_mV: [] })],
    ["CELL_VOLTAGE_RANGE", steadySample(0, { cells_mV: [3700, 5001] })],
    ["TEMPERATURE_RANGE", steadySample(0, { sensors_degC: [-61, 25] })],
    ["TEMPERATURE_RANGE", steadySample(0, { sensors_degC: [25, 1500] })],
    ["CURRENT_RANGE", steadySample(0, { packCurrent_A: -6000 })],
    ["SOC_RANGE", steadySample(0, { soc: 1.01 })],
    ["SUM_MISMATCH", steadySample(0, { packVoltage_V: 14 })],
    ["SUM_MISMATCH", steadySample(0, { packVoltage_V: 15.2 })],
  ])("finds %s and nothing else", (code, sample) => {
    expect(plausibility(sample).map((problem) => problem.code)).toEqual([code]);
  });

  it("finds a problem wherever one pass over the sample does not find it sound", () => {
    const voltage_mV = fc.oneof(fc.integer({ min: 3600, max: 3800 }), fc.nat(65_535));
    const edge = (usual: number): fc.Arbitrary<number> =>
      fc.oneof(
        fc.constant(usual),
        fc.double({ min: -10_000, max: 10_000 }),
        fc.constant(Number.NaN),
      );
    fc.assert(
      fc.property(
        fc.array(voltage_mV, { maxLength: 4 }),
        fc.array(edge(25), { maxLength: 3 }),
        fc.record({ packCurrent_A: edge(10), soc: edge(0.5), wall_ms: edge(1) }),
        (cells_mV, sensors_degC, scalars) => {
          const sample = steadySample(0, { cells_mV, sensors_degC, ...scalars });
          const isOutside = (value: number, low: number, high: number): boolean =>
            !(value >= low && value <= high);
          const wrong =
            cells_mV.length === 0 ||
            cells_mV.some((value) => isOutside(value, 0, 5000)) ||
            [...sample.temperature_degC].some((value) => isOutside(value, -60, 1000)) ||
            isOutside(scalars.packCurrent_A, -5000, 5000) ||
            isOutside(scalars.soc, 0, 1) ||
            Number.isNaN(scalars.wall_ms);
          const sum_V = cells_mV.reduce((sum, value) => sum + value, 0) / 1000;
          const differs = Math.abs(sample.packVoltage_V - sum_V) > 0.02 * sum_V;
          expect(plausibility(sample).length > 0).toBe(wrong || differs);
        },
      ),
    );
  });

  it("names the place of the problem", () => {
    const [problem] = plausibility(steadySample(0, { cells_mV: [3700, 5001] }));
    expect(problem).toMatchObject({ place: 1, detail: "cell 1 is 5001 mV" });
  });

  it("finds cells that do not answer the current, and not cells at rest", () => {
    const stuck = new PlausibilityCheck();
    const found = Array.from({ length: 60 }, (_, t_s) =>
      stuck.check(steadySample(t_s, { packCurrent_A: 20 * (t_s % 2) })).map(({ code }) => code),
    );
    expect(found.slice(0, 30).flat()).toEqual([]);
    expect(found.slice(30).every((codes) => codes.includes("STUCK"))).toBe(true);
    const resting = new PlausibilityCheck();
    for (let t_s = 0; t_s < 60; t_s++) expect(resting.check(steadySample(t_s))).toEqual([]);
  });

  it("finds nothing in half an hour of simulated driving", () => {
    const random = new SeededRandom(11);
    const pack = new PackSimulator({ random });
    const driver = new DriveCurrent({ random, capacity_Ah: pack.capacity_Ah });
    const check = new PlausibilityCheck();
    for (let t_s = 0; t_s < 1800; t_s++) {
      const current_A = driver.next_A({ step_s: 1, soc: pack.soc });
      const sample = pack.step({ current_A, step_s: 1, wall_ms: 1e12, monotonic_ms: 1000 * t_s });
      expect(check.check(sample)).toEqual([]);
    }
  });

  it("never throws and finds every number that is none", () => {
    const sample = fc.record<PackSample>({
      wall_ms: fc.double(),
      monotonic_ms: fc.double(),
      packVoltage_V: fc.double(),
      packCurrent_A: fc.double(),
      soc: fc.double(),
      cellVoltage_mV: fc.uint16Array({ maxLength: 4 }),
      temperature_degC: fc.float32Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 8 }), (samples) => {
        const check = new PlausibilityCheck();
        for (const one of samples) {
          const codes = check.check(one).map(({ code }) => code);
          const { cellVoltage_mV: _cells, temperature_degC, ...scalars } = one;
          const finite = [...Object.values(scalars), ...temperature_degC].every(Number.isFinite);
          expect(codes.includes("NOT_FINITE")).toBe(!finite);
        }
      }),
    );
  });
});
