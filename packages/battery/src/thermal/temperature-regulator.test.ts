import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackSimulator } from "../simulation/pack-simulator.ts";
import {
  TemperatureRegulator,
  type ThermalRequest,
  usualThermalSystem,
} from "./temperature-regulator.ts";

const capacity_Ah = 150;
const standing = 0.25;
const step_s = 30;
const heaterRise_K = 30;

type Rule = (sample: Parameters<TemperatureRegulator["decide"]>[0]) => ThermalRequest;

interface Score {
  readonly outside_h: number;
  readonly energy_Wh: number;
}

/** Two drives of an hour and a half, and a fast charge in the evening. */
function load_A(hour: number, soc: number): number {
  if ((hour >= 7 && hour < 8.5) || (hour >= 17 && hour < 18.5)) return -50;
  return hour >= 19 && hour < 20 && soc <= 0.9 ? 150 : 0;
}

function isOutside(cells_degC: Float64Array): boolean {
  return Math.min(...cells_degC) < 15 || Math.max(...cells_degC) > 35;
}

/** Two simulated days: two drives and a fast charge each, in weather that swings by 10 °C. */
function score(rule: Rule, mean_degC: number): Score {
  const pack = new PackSimulator({
    random: new SeededRandom(5),
    startSoc: 0.7,
    ambient_degC: mean_degC,
  });
  let [outside_h, energy_Wh] = [0, 0];
  let asked: ThermalRequest = { cooling: 0, heating: 0, because: "" };
  for (let second = 0; second < 2 * 86_400; second += step_s) {
    const hour = (second / 3600) % 24;
    const current_A = load_A(hour, pack.soc);
    const inlet_degC = mean_degC + 5 * Math.sin((2 * Math.PI * (hour - 9)) / 24);
    const monotonic_ms = 1000 * (second + step_s);
    const sample = pack.step({
      current_A,
      step_s,
      wall_ms: monotonic_ms,
      monotonic_ms,
      inlet_degC: inlet_degC + heaterRise_K * asked.heating,
      cooling: Math.max(standing, asked.cooling, asked.heating),
    });
    asked = rule(sample);
    const hours = step_s / 3600;
    const { coolingFull_W, heatingFull_W } = usualThermalSystem;
    energy_Wh += (asked.cooling ** 3 * coolingFull_W + asked.heating * heatingFull_W) * hours;
    // What a parked pack does is not held against a rule.
    if (current_A !== 0 && isOutside(pack.physics.cell_degC)) outside_h += hours;
  }
  return { outside_h, energy_Wh };
}

/** The usual thermostat: full on above 35 or below 10 °C, off at 30 and 15. */
function onOff(): Rule {
  let state: ThermalRequest = { cooling: 0, heating: 0, because: "" };
  return ({ temperature_degC }) => {
    const [coldest, hottest] = [Math.min(...temperature_degC), Math.max(...temperature_degC)];
    if (hottest > 35) state = { cooling: 1, heating: 0, because: "" };
    else if (coldest < 10) state = { cooling: 0, heating: 1, because: "" };
    else if (hottest < 30 && coldest > 15) state = { cooling: 0, heating: 0, because: "" };
    return state;
  };
}

const regulator = (): TemperatureRegulator =>
  new TemperatureRegulator({ ...usualThermalSystem, capacity_Ah });

describe("the temperature regulator, simulated", () => {
  it.each([
    ["summer", 28],
    ["winter", 2],
  ])(
    "in %s costs less than half of what a thermostat takes, for little more time out of range",
    (_, mean_degC) => {
      const own = regulator();
      const ours = score((sample) => own.decide(sample), mean_degC);
      const theirs = score(onOff(), mean_degC);
      // 0.58 against 1.71 kWh and 1.5 against 1.1 h in summer, 4.8 against 23 kWh and 5.4 against 5.3 h in winter.
      expect(ours.energy_Wh).toBeLessThan(0.4 * theirs.energy_Wh);
      expect(ours.outside_h).toBeLessThan(1.4 * theirs.outside_h);
      expect(own.energy_Wh).toBeCloseTo(ours.energy_Wh, -1);
    },
  );

  it("asks for next to nothing in mild weather", () => {
    const own = regulator();
    expect(score((sample) => own.decide(sample), 17).energy_Wh).toBeLessThan(20);
  });

  it("never cools and heats at once, and is total", () => {
    const number = fc.oneof(fc.double(), fc.constant(Number.NaN), fc.double({ min: -40, max: 80 }));
    const reading = fc.record({
      wall_ms: fc.constant(0),
      monotonic_ms: fc.oneof(number, fc.nat({ max: 1e8 })),
      packVoltage_V: number,
      packCurrent_A: number,
      soc: number,
      cellVoltage_mV: fc.uint16Array({ maxLength: 2 }),
      temperature_degC: fc.float32Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), (samples) => {
        const own = regulator();
        for (const sample of samples) {
          const { cooling, heating } = own.decide(sample);
          expect(Math.min(cooling, heating)).toBe(0);
          expect(Math.max(cooling, heating)).toBeLessThanOrEqual(1);
          expect(Number.isNaN(own.energy_Wh)).toBe(false);
        }
      }),
    );
  });
});
