import { SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { cellCapacity_Ah, openCircuitVoltage_V } from "../lg-hg2-cell.ts";
import type { PackSample } from "../pack-sample.ts";
import { PackModel } from "./pack-model.ts";

/** A discharge at 1 C from full to 7 %, in steps of 10 s, of a cell with 30 mΩ. */
const profile = Array.from({ length: 335 }, (_, i) => {
  const charge_Ah = (-i * 10 * cellCapacity_Ah) / 3600;
  return {
    cellVoltage_V: openCircuitVoltage_V(1 + charge_Ah / cellCapacity_Ah) - 0.03 * cellCapacity_Ah,
    cellCurrent_A: -cellCapacity_Ah,
    surface_degC: 25 + i / 100,
    charge_Ah,
    wall_ms: 1e12 + 10_000 * i,
    monotonic_ms: 10_000 * i,
  };
});

function replay(seed: number): { model: PackModel; samples: PackSample[] } {
  const model = new PackModel({ random: new SeededRandom(seed) });
  return { model, samples: profile.map((reading) => model.read(reading)) };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("the pack model", () => {
  const { model, samples } = replay(1);
  const first = samples[0] as PackSample;
  const last = samples.at(-1) as PackSample;

  it("makes 96 cells and 24 temperatures of one cell, the same for the same seed", () => {
    expect(first.cellVoltage_mV).toHaveLength(96);
    expect(first.temperature_degC).toHaveLength(24);
    expect(replay(1).samples).toEqual(samples);
    expect(replay(2).samples).not.toEqual(samples);
  });

  it("carries the cell's C-rate, derated, to 150 Ah, in steps of 0.1 A", () => {
    expect(model.derating).toBeGreaterThan(0.85);
    expect(model.derating).toBeLessThan(1);
    for (const { packCurrent_A } of samples) {
      expect(Math.abs(packCurrent_A / (-150 * model.derating) - 1)).toBeLessThan(0.007);
      expect(Number.isInteger(Math.round(packCurrent_A * 1e6) / 1e5)).toBe(true);
    }
  });

  it("starts with its fullest cell full and lets no cell go deeper than the recorded one", () => {
    const [top, bottom] = [profile[0], profile.at(-1)].map((reading) => {
      const ocv_V = openCircuitVoltage_V(1 + (reading?.charge_Ah ?? 0) / cellCapacity_Ah);
      return { ocv_V, loaded_V: ocv_V - 1.35 * model.derating * 0.03 * cellCapacity_Ah };
    });
    const noise_V = 0.008;
    expect(Math.max(...first.cellVoltage_mV) / 1000).toBeLessThan((top?.ocv_V ?? 0) + noise_V);
    expect(Math.min(...last.cellVoltage_mV) / 1000).toBeGreaterThan(
      (bottom?.loaded_V ?? 9) - noise_V,
    );
  });

  it("spreads the cells as its spread says", () => {
    const deviations_mV = [...first.cellVoltage_mV].map((mV) => mV - mean(first.cellVoltage_mV));
    const spread_mV = Math.sqrt(mean(deviations_mV.map((deviation) => deviation ** 2)));
    // 1.5 % of charge on 1.5 V per unit at full, 10 % of 75 mV, sensors: about 25 mV.
    expect(spread_mV).toBeGreaterThan(10);
    expect(spread_mV).toBeLessThan(40);
  });

  it("reads a pack voltage near the sum of its cells, a charge in steps, and half degrees", () => {
    for (const sample of samples) {
      const sum_V = mean(sample.cellVoltage_mV) * 0.096;
      expect(Math.abs(sample.packVoltage_V - sum_V)).toBeLessThan(0.005 * sum_V);
      expect(sample.soc * 1000).toBeCloseTo(Math.round(sample.soc * 1000), 9);
      expect(sample.temperature_degC.every((reading) => Number.isInteger(reading * 2))).toBe(true);
    }
    expect(mean(last.temperature_degC) - mean(first.temperature_degC)).toBeCloseTo(3.34, 0);
  });

  it("follows the recorded cell exactly when its cells do not differ, but for the sensors", () => {
    const spread = { capacityShare: 0, resistanceShare: 0, chargeShare: 0 };
    const equal = new PackModel({ random: new SeededRandom(1), spread });
    expect(equal.derating).toBe(1);
    for (const reading of profile) {
      const sample = equal.read(reading);
      const error_mV = mean(sample.cellVoltage_mV) - 1000 * reading.cellVoltage_V;
      expect(Math.abs(error_mV)).toBeLessThan(1);
    }
  });
});
