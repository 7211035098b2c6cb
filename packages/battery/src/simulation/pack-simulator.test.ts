import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCircuitVoltage_V } from "../lg-hg2-cell.ts";
import type { PackSample } from "../pack-sample.ts";
import { DriveCurrent } from "./drive-current.ts";
import { PackSimulator } from "./pack-simulator.ts";

const even = { capacityShare: 0, resistanceShare: 0, chargeShare: 0 };

function run(pack: PackSimulator, current_A: number, seconds: number): PackSample {
  let sample: PackSample | undefined;
  for (let t_s = 0; t_s < seconds; t_s++) {
    sample = pack.step({ current_A, step_s: 1, wall_ms: 1e12, monotonic_ms: 1000 * t_s });
  }
  return sample as PackSample;
}

const mean_V = ({ cellVoltage_mV }: PackSample): number =>
  cellVoltage_mV.reduce((sum, mV) => sum + mV, 0) / cellVoltage_mV.length / 1000;

describe("the pack simulator", () => {
  it("gives the same series for the same seed and another for another", () => {
    const series = (seed: number): PackSample =>
      run(new PackSimulator({ random: new SeededRandom(seed) }), -75, 60);
    expect(series(1)).toEqual(series(1));
    expect(series(1)).not.toEqual(series(2));
  });

  it("loses half its charge in an hour of half its capacity", () => {
    const pack = new PackSimulator({ random: new SeededRandom(1), spread: even });
    run(pack, -75, 3600);
    expect(pack.soc).toBeCloseTo(0.4, 3);
  });

  it("drops under load by its resistance, and comes back to rest", () => {
    const pack = new PackSimulator({ random: new SeededRandom(1), spread: even, startSoc: 0.6 });
    expect(mean_V(run(pack, 0, 1))).toBeCloseTo(openCircuitVoltage_V(0.6), 2);
    const drop_V = openCircuitVoltage_V(0.6) - mean_V(run(pack, -150, 1));
    // 52.5 mV at 1 C and 7.5 mV in the busbar; the slower parts have hardly begun.
    expect(drop_V).toBeCloseTo(0.062, 2);
    run(pack, -150, 300);
    expect(mean_V(run(pack, 0, 2500))).toBeCloseTo(openCircuitVoltage_V(pack.soc), 2);
  });

  it("has more resistance in the cold", () => {
    const drop_V = (ambient_degC: number): number => {
      const pack = new PackSimulator({ random: new SeededRandom(1), spread: even, ambient_degC });
      const rest_V = mean_V(run(pack, 0, 1));
      return rest_V - mean_V(run(pack, -150, 10));
    };
    expect(drop_V(0)).toBeGreaterThan(1.8 * drop_V(25));
  });

  it("warms under load towards where heat and cooling are equal, and cools at rest", () => {
    const random = new SeededRandom(1);
    const pack = new PackSimulator({ random, spread: even, startSoc: 1 });
    const before = run(pack, 0, 1).temperature_degC[0] ?? 0;
    const hot = run(pack, -150, 2400).temperature_degC[0] ?? 0;
    // 117 mV at 150 A is 17.6 W per cell on 3 W/K: 5.9 K in the end, less with the falling resistance;
    // the entropy adds 4.5 W.
    expect(hot - before).toBeGreaterThan(4.5);
    expect(hot - before).toBeLessThan(8);
    expect(run(pack, 0, 6000).temperature_degC[0]).toBe(before);
  });

  it("heats along the coolant, and more where the pump stands", () => {
    const pack = new PackSimulator({ random: new SeededRandom(1), spread: even, startSoc: 1 });
    for (let t_s = 0; t_s < 1800; t_s += 10) pack.advance({ current_A: -150, step_s: 10 });
    const { cell_degC } = pack.physics;
    expect(cell_degC[90] ?? 0).toBeGreaterThan((cell_degC[5] ?? 0) + 0.5);
    const slow = new PackSimulator({ random: new SeededRandom(1), spread: even, startSoc: 1 });
    for (let t_s = 0; t_s < 1800; t_s += 10)
      slow.advance({ current_A: -150, step_s: 10, cooling: 0.1 });
    expect(slow.physics.cell_degC[5] ?? 0).toBeGreaterThan((cell_degC[5] ?? 0) + 2);
  });

  it("evens out strings that start apart, and shares the current between them", () => {
    const pack = new PackSimulator({ random: new SeededRandom(3), strings: 2, startSoc: 0.6 });
    const { soc, stringCurrent_A } = pack.physics;
    const meanOf = (from: number): number =>
      soc.subarray(from, from + 96).reduce((sum, each) => sum + each, 0) / 96;
    for (let i = 0; i < 96; i++) soc[i] = (soc[i] ?? 0) + 0.1;
    expect(pack.cells).toBe(192);
    expect(
      pack.step({ current_A: -100, step_s: 1, wall_ms: 0, monotonic_ms: 0 }).cellVoltage_mV,
    ).toHaveLength(192);
    expect((stringCurrent_A[0] ?? 0) + (stringCurrent_A[1] ?? 0)).toBeCloseTo(-100, 6);
    for (let t_s = 0; t_s < 8 * 3600; t_s += 10) pack.advance({ current_A: 0, step_s: 10 });
    expect(Math.abs(meanOf(0) - meanOf(96))).toBeLessThan(0.02);
  });

  it("burns a cell whose short is hard enough, warms its neighbours, and leaves the far ones", () => {
    const pack = new PackSimulator({
      random: new SeededRandom(1),
      startSoc: 0.9,
      faults: [{ kind: "internal-short", onset_s: 60, cell: 50, resistance_Ohm: 0.004 }],
    });
    const { cell_degC, voltage_V } = pack.physics;
    const hottest_degC = [0, 0, 0];
    for (let t_s = 0; t_s < 3600; t_s++) {
      pack.advance({ current_A: 0, step_s: 1 });
      [50, 51, 10].forEach((cell, i) => {
        hottest_degC[i] = Math.max(hottest_degC[i] ?? 0, cell_degC[cell] ?? 0);
      });
    }
    expect(cell_degC.every((each_degC) => Number.isFinite(each_degC))).toBe(true);
    expect(hottest_degC[0]).toBeGreaterThan(300);
    expect(hottest_degC[1]).toBeGreaterThan(40);
    expect(hottest_degC[2]).toBeLessThan(40);
    expect(voltage_V[50] ?? 9).toBeLessThan(2);
    expect(voltage_V[10] ?? 0).toBeGreaterThan(3.5);
  });

  it("refuses a step or a current that is none", () => {
    const pack = new PackSimulator({ random: new SeededRandom(1) });
    const time = { wall_ms: 0, monotonic_ms: 0 };
    for (const step of [
      { current_A: Number.NaN, step_s: 1 },
      { current_A: 1, step_s: -1 },
      { current_A: 1, step_s: 601 },
    ]) {
      expect(() => pack.step({ ...step, ...time })).toThrow(/broken promise/);
    }
  });
});

describe("the simulated drive", () => {
  it("drives and charges for a day without leaving 5 to 95 % of charge", () => {
    const random = new SeededRandom(4);
    const pack = new PackSimulator({ random, cells: 4, sensors: 1 });
    const driver = new DriveCurrent({ random, capacity_Ah: pack.capacity_Ah });
    let charged = 0;
    for (let t_s = 0; t_s < 86_400; t_s += 1) {
      const current_A = driver.next_A({ step_s: 1, soc: pack.soc });
      if (current_A > 70) charged++;
      pack.step({ current_A, step_s: 1, wall_ms: 1e12, monotonic_ms: 1000 * t_s });
      expect(pack.soc > 0.05 && pack.soc < 0.95).toBe(true);
    }
    expect(charged).toBeGreaterThan(3600);
  });

  it("stays within what the pack may carry for every seed and step", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0.1, 0.5, 1), (seed, step_s) => {
        const driver = new DriveCurrent({ random: new SeededRandom(seed), capacity_Ah: 150 });
        for (let i = 0; i < 300; i++) {
          const current_A = driver.next_A({ step_s, soc: 0.5 });
          expect(current_A > -2.2 * 150 - 1 && current_A < 0.6 * 150 + 1).toBe(true);
        }
      }),
    );
  });
});
