import { describe, expect, it } from "vitest";
import type { SimulatedChemistry } from "../simulated-cell.ts";
import { age, newCell } from "./cell-ageing.ts";

function rested(
  chemistry: SimulatedChemistry,
  cell_degC: number,
  days: number,
  step_d = 1,
): number {
  const state = newCell();
  for (let day = 0; day < days; day += step_d) {
    age(chemistry, state, {
      step_d,
      cell_K: cell_degC + 273.15,
      cell_V: 3.7,
      soc: 0.5,
      depth: 0,
      throughput: 0,
    });
  }
  return state.calendar;
}

describe("ageing of a simulated cell", () => {
  it("loses what Schmalstieg's NMC cell loses in a year at 3.7 V", () => {
    expect(rested("nmc", 25, 365)).toBeCloseTo(0.024, 3);
    expect(rested("nmc", 35, 365)).toBeCloseTo(0.051, 3);
  });

  it.each(["nmc", "lfp", "lmo"] as const)(
    "of %s hardly depends on the length of the steps",
    (chemistry) => {
      const fine = rested(chemistry, 25, 720, 0.25);
      expect(rested(chemistry, 25, 720, 2) / fine).toBeGreaterThan(0.98);
      expect(rested(chemistry, 25, 720, 2) / fine).toBeLessThan(1.02);
    },
  );

  it.each(["nmc", "lfp", "lmo"] as const)(
    "of %s is faster when warm, and slows with time",
    (chemistry) => {
      expect(rested(chemistry, 40, 365)).toBeGreaterThan(rested(chemistry, 20, 365));
      expect(rested(chemistry, 25, 720)).toBeLessThan(2 * rested(chemistry, 25, 360));
    },
  );

  it.each(["nmc", "lfp", "lmo"] as const)(
    "of %s grows with the charge that passes",
    (chemistry) => {
      const state = newCell();
      const stress = { step_d: 1, cell_K: 298.15, cell_V: 3.7, soc: 0.5, depth: 0.8 };
      for (let day = 0; day < 300; day++) age(chemistry, state, { ...stress, throughput: 2 });
      expect(state.cycling).toBeGreaterThan(0.001);
      expect(state.cycling).toBeLessThan(0.3);
    },
  );

  it("follows the power law exactly while nothing changes", () => {
    // k·t^0.75 of the published form; the step form starts one step late, which a year forgives.
    const rate = (7.543 * 3.7 - 23.75) * 1e6 * Math.exp(-6976 / 298.15);
    expect(rested("nmc", 25, 365, 0.05) / (rate * 365 ** 0.75)).toBeCloseTo(1, 2);
  });
});
