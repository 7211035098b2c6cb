import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PackSample } from "../pack-sample.ts";
import { PackSimulator } from "../simulation/pack-simulator.ts";
import { PackThermalWatch, type ThermalSighting } from "./pack-thermal-watch.ts";
import { thermalRules } from "./thermal-rules.ts";

const sensors = 24;

/** A driven pack at ten readings a second; `change` spoils a reading. */
function sightings(
  seconds: number,
  change: (sample: PackSample, second: number) => PackSample = (sample) => sample,
): readonly (ThermalSighting & { second: number })[] {
  const pack = new PackSimulator({ random: new SeededRandom(3), startSoc: 0.8 });
  const watch = new PackThermalWatch(thermalRules);
  const seen: (ThermalSighting & { second: number })[] = [];
  for (let tick = 0; tick < 10 * seconds; tick++) {
    const monotonic_ms = 100 * tick;
    const current_A = tick % 100 < 50 ? -200 : 80;
    const sample = pack.step({ current_A, step_s: 0.1, wall_ms: monotonic_ms, monotonic_ms });
    const second = tick / 10;
    seen.push(...watch.update(change(sample, second)).map((one) => ({ ...one, second })));
  }
  return seen;
}

function warmer(sample: PackSample, sensor: number, rise_degC: number): PackSample {
  const temperature_degC = Float32Array.from(sample.temperature_degC);
  temperature_degC[sensor] = Math.round(2 * ((temperature_degC[sensor] ?? 0) + rise_degC)) / 2;
  return { ...sample, temperature_degC };
}

describe("the thermal watch of a pack", () => {
  it("sees nothing in a pack under load", () => {
    expect(sightings(300)).toEqual([]);
  });

  it("names the sensor that heats up, tier 2 and then tier 3, each once", () => {
    const seen = sightings(90, (sample, second) =>
      warmer(sample, 7, second < 60 ? 0 : (second - 60) ** 2 / 2),
    );
    expect(seen.map(({ sensor, tier }) => [sensor, tier])).toEqual([
      [7, 2],
      [7, 3],
    ]);
    expect(seen[0]?.second).toBeLessThan(66);
    expect(seen[0]?.cause).toContain("°C");
  });

  it("says what goes on again after a minute", () => {
    const seen = sightings(260, (sample, second) =>
      warmer(sample, 7, Math.max(0, second - 60) * 0.5),
    );
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });

  it("is as good on a pack of other size, after it changed", () => {
    const watch = new PackThermalWatch(thermalRules);
    const reading = (cells: number, tick: number): PackSample => ({
      wall_ms: 0,
      monotonic_ms: 500 * tick,
      packVoltage_V: 3.7 * cells,
      packCurrent_A: 0,
      soc: 0.5,
      cellVoltage_mV: new Uint16Array(cells).fill(3700),
      temperature_degC: new Float32Array(2)
        .fill(20)
        .fill(20 + (cells > 8 ? 0.9 * (tick - 40) : 0), 1),
    });
    const seen = Array.from({ length: 80 }, (_, tick) =>
      watch.update(reading(tick < 40 ? 8 : 12, tick)),
    );
    expect(seen.flat()[0]).toMatchObject({ sensor: 1, tier: 2 });
  });

  it("is total", () => {
    const number = fc.oneof(fc.double(), fc.constant(Number.NaN));
    const reading = fc.record({
      wall_ms: number,
      monotonic_ms: fc.oneof(number, fc.nat({ max: 1e6 })),
      packVoltage_V: number,
      packCurrent_A: number,
      soc: number,
      cellVoltage_mV: fc.uint16Array({ maxLength: 6 }),
      temperature_degC: fc.float32Array({ maxLength: sensors }),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 50 }), (samples) => {
        const watch = new PackThermalWatch(thermalRules);
        for (const sample of samples) {
          for (const { probability } of watch.update(sample)) {
            expect(probability).toBeGreaterThanOrEqual(0);
            expect(probability).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });
});
