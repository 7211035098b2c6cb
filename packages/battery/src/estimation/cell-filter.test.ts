import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { a123Parameters } from "../cell/a123-26650.ts";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import { CellFilterBank } from "./cell-filter.ts";

const parameters = lgHg2Parameters;

function bank(soc: number, cells = 1): CellFilterBank {
  return new CellFilterBank({ parameters, cells, soc, socSigma: 0.1 });
}

/** A cell that is exactly the model: its own filter with no corrections. */
function modelVoltage_V(
  model: CellFilterBank,
  step: { current_A: number; step_s: number },
): number {
  const voltage_V = new Float64Array([Number.NaN]);
  model.step({ ...step, voltage_V, temperature_degC: new Float64Array([25]) });
  return model.expected_V(0, step.current_A);
}

describe("the filter", () => {
  it("finds the charge of a cell that behaves as the model, from a start ten points off", () => {
    const cell = bank(0.9);
    const filter = bank(0.8);
    for (let t_s = 0; t_s < 1800; t_s++) {
      const current_A = t_s % 60 < 40 ? -4 : 1;
      const measured_V = modelVoltage_V(cell, { current_A, step_s: 1 });
      filter.step({
        step_s: 1,
        current_A,
        voltage_V: new Float64Array([measured_V]),
        temperature_degC: new Float64Array([25]),
      });
    }
    expect(Math.abs(filter.soc(0) - cell.soc(0))).toBeLessThan(0.01);
    expect(filter.socSigma(0)).toBeLessThan(0.02);
  });

  it("sees the offset of a current sensor", () => {
    const cell = bank(0.95);
    const filter = bank(0.95);
    for (let t_s = 0; t_s < 5400; t_s++) {
      const current_A = t_s % 100 < 50 ? -2 : -0.5;
      const measured_V = modelVoltage_V(cell, { current_A, step_s: 1 });
      const voltage_V = new Float64Array([measured_V]);
      const told_A = current_A + 0.1;
      filter.step({
        step_s: 1,
        current_A: told_A,
        voltage_V,
        temperature_degC: new Float64Array([25]),
      });
    }
    expect(filter.bias_A(0)).toBeGreaterThan(0.04);
    expect(Math.abs(filter.soc(0) - cell.soc(0))).toBeLessThan(0.015);
  });

  it("keeps cells apart: one cell's voltage moves no other", () => {
    const alone = bank(0.6);
    const pair = bank(0.6, 2);
    for (let t_s = 0; t_s < 100; t_s++) {
      const step = { step_s: 1, current_A: -1, temperature_degC: new Float64Array([25]) };
      alone.step({ ...step, voltage_V: new Float64Array([3.7]) });
      pair.step({ ...step, voltage_V: new Float64Array([3.7, 3.4]) });
    }
    expect(pair.soc(0)).toBe(alone.soc(0));
    expect(pair.soc(1)).toBeLessThan(pair.soc(0));
  });

  it("counts the current where a voltage is no number", () => {
    const filter = bank(0.5);
    for (let t_s = 0; t_s < 3600; t_s++) {
      filter.step({
        step_s: 1,
        current_A: parameters.capacity_Ah / 10,
        voltage_V: new Float64Array([Number.NaN]),
        temperature_degC: new Float64Array([25]),
      });
    }
    expect(filter.soc(0)).toBeCloseTo(0.6, 6);
  });

  it.each([lgHg2Parameters, a123Parameters])(
    "says no NaN and nothing outside 0 to 1 ($name)",
    (own) => {
      const reading = fc.record({
        step_s: fc.double({ min: 0, max: 86_400, noNaN: true }),
        current_A: fc.double({ min: -400, max: 400, noNaN: true }),
        voltage_V: fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constant(Number.NaN)),
        cell_degC: fc.double({ min: -60, max: 150, noNaN: true }),
      });
      fc.assert(
        fc.property(fc.array(reading, { maxLength: 60 }), (readings) => {
          const filter = new CellFilterBank({ parameters: own, cells: 1, soc: 0.5, socSigma: 0.1 });
          for (const { step_s, current_A, voltage_V, cell_degC } of readings) {
            const temperature_degC = new Float64Array([cell_degC]);
            filter.step({
              step_s,
              current_A,
              voltage_V: new Float64Array([voltage_V]),
              temperature_degC,
            });
            expect(filter.soc(0)).toBeGreaterThanOrEqual(0);
            expect(filter.soc(0)).toBeLessThanOrEqual(1);
            expect(filter.socSigma(0)).toBeGreaterThanOrEqual(0);
          }
        }),
      );
    },
  );

  it("holds less for a pack of 96 cells than a unit can give each vehicle", () => {
    const pack = new CellFilterBank({ parameters, cells: 96, soc: 1, socSigma: 0.1 });
    const voltage_V = new Float64Array(96).fill(4.1);
    const temperature_degC = new Float64Array(24).fill(25);
    pack.step({ step_s: 1, current_A: 0, voltage_V, temperature_degC });
    expect(pack.held_bytes).toBeLessThan(200_000);
  });
});
