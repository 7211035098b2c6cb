import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PackSample } from "../pack-sample.ts";
import { steadySample } from "../testing/steady-sample.ts";
import { anodeMargin_V, rateAtMargin } from "./anode-margin.ts";
import { ChargingControl, type ChargingControlOptions } from "./charging-control.ts";
import { temperatureShare } from "./temperature-derating.ts";

const cell = { resistancePerRate: 0.117, arrhenius_K: 2500, chargeEnd_V: 4.2 };
const options: ChargingControlOptions = {
  capacity_Ah: 150,
  cell,
  currentMax_A: 150,
  targetSoc: 0.8,
};

function sample(o: {
  soc?: number;
  cell_degC?: number;
  highest_mV?: number;
  at_s?: number;
  current_A?: number;
}): PackSample {
  const { soc = 0.3, cell_degC = 25, highest_mV = 3700, at_s = 0, current_A = 0 } = o;
  return {
    ...steadySample(at_s, { cells_mV: [3690, highest_mV], sensors_degC: [cell_degC, cell_degC] }),
    soc,
    packCurrent_A: current_A,
  };
}

describe("the charging control", () => {
  it("charges at the charger's limit where nothing else holds", () => {
    expect(new ChargingControl(options).decide(sample({}))).toEqual({
      current_A: 150,
      limit: "charger",
    });
  });

  it("names what holds it back", () => {
    const decide = (
      change: Parameters<typeof sample>[0],
      more: Partial<ChargingControlOptions> = {},
    ): string => new ChargingControl({ ...options, ...more }).decide(sample(change)).limit;
    expect(decide({ soc: 0.75, cell_degC: 12 })).toBe("plating");
    expect(decide({ cell_degC: 47 })).toBe("temperature");
    expect(decide({ soc: 0.2 }, { healthFactor: 0.7 })).toBe("health");
    expect(decide({ highest_mV: 4190, current_A: 60 })).toBe("voltage");
    expect(decide({ soc: 0.8 })).toBe("done");
    expect(decide({ highest_mV: 0 })).toBe("sensor");
    expect(decide({ cell_degC: Number.NaN })).toBe("sensor");
    const wall_ms = sample({}).wall_ms;
    expect(decide({}, { departure_ms: wall_ms + 5 * 3.6e6 })).toBe("departure");
  });

  it("never charges at or below 0 °C or from 55 °C on", () => {
    for (const cell_degC of [-20, 0, 55, 80]) {
      expect(new ChargingControl(options).decide(sample({ cell_degC })).current_A).toBe(0);
    }
  });

  it("falls at once and recovers only after thirty seconds", () => {
    const control = new ChargingControl(options);
    expect(control.decide(sample({ at_s: 0 })).current_A).toBe(150);
    expect(control.decide(sample({ at_s: 1, cell_degC: 45 })).current_A).toBe(75);
    expect(control.decide(sample({ at_s: 10 })).current_A).toBe(75);
    expect(control.decide(sample({ at_s: 32 })).current_A).toBe(150);
  });

  it("is there a quarter of an hour before the driver leaves, and not slower than C/10", () => {
    const wall_ms = sample({}).wall_ms;
    const current_A = (hours: number): number =>
      new ChargingControl({ ...options, departure_ms: wall_ms + hours * 3.6e6 }).decide(
        sample({ soc: 0.3 }),
      ).current_A;
    // Half of the charge in two hours, in steps of C/20.
    expect(current_A(2.25)).toBeCloseTo(0.25 * 150, 6);
    expect(current_A(24)).toBeCloseTo(15, 6);
    expect(current_A(0.2)).toBe(150);
  });

  it("tapers at the end of charge and stops for good at C/20", () => {
    const control = new ChargingControl({ ...options, targetSoc: 1 });
    const at = (at_s: number, highest_mV: number, current_A: number): number =>
      control.decide(sample({ at_s, soc: 0.5, highest_mV, current_A })).current_A;
    expect(at(0, 4180, 60)).toBeGreaterThan(60);
    expect(at(10, 4205, 40)).toBeLessThan(40);
    expect(at(20, 4230, 10)).toBe(0);
    expect(at(600, 4000, 0)).toBe(0);
  });

  it("stays between nothing and the charger's limit, whatever the samples", () => {
    const any = fc.array(
      fc.record({
        soc: fc.double(),
        cell_degC: fc.double(),
        highest_mV: fc.integer({ min: 0, max: 65_535 }),
        at_s: fc.integer({ min: 0, max: 1e6 }),
        current_A: fc.double(),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(any, (list) => {
        const control = new ChargingControl(options);
        for (const change of list) {
          const { current_A } = control.decide(sample(change));
          expect(current_A >= 0 && current_A <= 150).toBe(true);
        }
      }),
    );
  });
});

describe("the anode margin", () => {
  it("shrinks with rate, cold and charge, and the rate at a margin leaves just that", () => {
    const at = (rate: number, cell_degC: number, soc: number): number =>
      anodeMargin_V({ cell, rate, cell_degC, soc });
    expect(at(1, 25, 0.5)).toBeGreaterThan(at(1.5, 25, 0.5));
    expect(at(1, 25, 0.5)).toBeGreaterThan(at(1, 5, 0.5));
    expect(at(1, 25, 0.3)).toBeGreaterThan(at(1, 25, 0.8));
    const rate = rateAtMargin({ cell, soc: 0.6, cell_degC: 15, margin_V: 0.01 });
    expect(at(rate, 15, 0.6)).toBeCloseTo(0.01, 9);
  });
});

describe("the temperature table", () => {
  it("has the points of the design and straight lines between them", () => {
    const points = [0, 1, 2, 5, 7.5, 10, 25, 40, 42.5, 45, 50, 55, -10, 90];
    expect(points.map(temperatureShare)).toEqual([
      0, 0.125, 0.25, 0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0,
    ]);
    expect(temperatureShare(Number.NaN)).toBe(0);
  });
});
