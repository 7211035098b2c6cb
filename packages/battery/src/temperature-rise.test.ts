import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TemperatureRiseMeter } from "./temperature-rise.ts";
import { steadySample } from "./testing/steady-sample.ts";

/** The rises that a sensor reports of a temperature that a function of time gives. */
function rises(options: {
  temperature_degC: (t_s: number) => number;
  step_degC: number;
  seconds: number;
  step_s?: number;
}): number[] {
  const { temperature_degC, step_degC, step_s = 1 } = options;
  const meter = new TemperatureRiseMeter({ resolution_degC: step_degC });
  return Array.from({ length: Math.floor(options.seconds / step_s) }, (_, i) => {
    const reading = Math.round(temperature_degC(i * step_s) / step_degC) * step_degC;
    return meter.update(steadySample(i * step_s, { sensors_degC: [20, reading] }))?.rise ?? 0;
  });
}

describe("the temperature rise", () => {
  it("is nothing for a single step of the sensor, whatever the step and the rate of readings", () => {
    for (const step_degC of [0.1, 0.5, 1, 2]) {
      for (const step_s of [0.1, 0.5, 1, 2]) {
        const temperature_degC = (t_s: number): number => (t_s < 10 ? 25 : 25 + step_degC);
        expect(Math.max(...rises({ temperature_degC, step_degC, step_s, seconds: 30 }))).toBe(0);
      }
    }
  });

  it("stays under 0.5 °C/s for any rise under 0.33 °C/s seen in steps of 0.5 °C", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.33, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, start) => {
          const temperature_degC = (t_s: number): number => 25 + start + rate * t_s;
          const seen = rises({ temperature_degC, step_degC: 0.5, seconds: 40 });
          expect(Math.max(...seen)).toBeLessThan(0.5);
        },
      ),
    );
  });

  it("reaches 0.5 °C/s in two readings in a row for every rise of 0.7 °C/s and more", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.7, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, start) => {
          const temperature_degC = (t_s: number): number =>
            25 + start + rate * Math.max(0, t_s - 10);
          const seen = rises({ temperature_degC, step_degC: 0.5, seconds: 16 });
          expect(seen.slice(-2).every((rise) => rise >= 0.5)).toBe(true);
        },
      ),
    );
  });

  it("names the sensor that rises fastest and passes over one that says nothing", () => {
    const meter = new TemperatureRiseMeter({ resolution_degC: 0.5 });
    const at = (t_s: number) => [25 + t_s, 25 + 2 * t_s, Number.NaN];
    for (let t_s = 0; t_s < 3; t_s++) meter.update(steadySample(t_s, { sensors_degC: at(t_s) }));
    expect(meter.update(steadySample(3, { sensors_degC: at(3) }))).toEqual({ sensor: 1, rise: 2 });
  });

  it("is unknown at first, after a hole, after time ran back and after sensors changed", () => {
    const meter = new TemperatureRiseMeter({ resolution_degC: 0.5 });
    const feed = (t_s: number, sensors_degC = [25, 25]) =>
      meter.update(steadySample(t_s, { sensors_degC }));
    expect([0, 1, 2].map((t_s) => feed(t_s))).toEqual([undefined, undefined, undefined]);
    expect(feed(3)).toEqual({ sensor: 0, rise: 0 });
    expect(feed(100)).toBeUndefined();
    expect(feed(103)).toBeDefined();
    expect(feed(50)).toBeUndefined();
    expect(feed(53)).toBeDefined();
    expect(feed(56, [25])).toBeUndefined();
    expect(feed(Number.NaN, [25])).toBeUndefined();
  });

  it("is unknown where there is no sensor", () => {
    const meter = new TemperatureRiseMeter({ resolution_degC: 0.5 });
    for (let t_s = 0; t_s < 9; t_s++) {
      expect(meter.update(steadySample(t_s, { sensors_degC: [] }))).toBeUndefined();
    }
  });
});
