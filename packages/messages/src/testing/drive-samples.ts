import { normal, type Random } from "@voltfog/runtime";
import type { BatterySample } from "../battery-sample.ts";

/**
 * A made-up drive for tests and benches of the encoding: 96 cells of one pack with a spread of charge
 * (12 mV) and resistance (10 %), 1.5 mV of noise in 1 mV steps, 24 sensors in 0.5 °C steps, 1 Hz.
 */
export function driveSamples(options: {
  random: Random;
  count: number;
  cells?: number;
  sensors?: number;
}): BatterySample[] {
  const { random } = options;
  const draw = (count: number, deviation: number): number[] =>
    Array.from({ length: count }, () => deviation * normal(random));
  const cells = options.cells ?? 96;
  const offset_mV = draw(cells, 12);
  const resistance = draw(cells, 0.1);
  const place_degC = draw(options.sensors ?? 24, 0.8);
  let current_A = -40;
  let wanted_A = -40;
  let charge = 0.9;
  return Array.from({ length: options.count }, (_, t) => {
    if (random.uniform() < 0.15) wanted_A = 120 - 500 * random.uniform();
    current_A += 0.5 * (wanted_A - current_A);
    charge += current_A / (3600 * 150);
    const drop_mV = 0.6 * current_A;
    const cellVoltage_mV = Uint16Array.from({ length: cells }, (_unused, i) => {
      const own_mV = (offset_mV[i] ?? 0) + (1 + (resistance[i] ?? 0)) * drop_mV;
      return Math.round(3400 + 750 * charge + own_mV + 1.5 * normal(random));
    });
    const sum_mV = cellVoltage_mV.reduce((sum, cell_mV) => sum + cell_mV, 0);
    return {
      wall_ms: 1_790_000_000_000 + 1000 * t,
      monotonic_ms: 5_000_000 + 1000 * t,
      packVoltage_V: Math.round(sum_mV / 100 + 0.5 * normal(random)) / 10,
      packCurrent_A: Math.round(current_A * 10) / 10,
      soc: Math.round(charge * 1000) / 1000,
      cellVoltage_mV,
      temperature_degC: Float32Array.from(
        place_degC,
        (place) => Math.round(2 * (25 + place + t / 400)) / 2,
      ),
    };
  });
}
