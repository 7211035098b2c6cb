import type { PackSample } from "../pack-sample.ts";

/** A sound, resting pack of four cells and two sensors at one second, for tests to change. */
export function steadySample(
  t_s: number,
  change: Partial<Omit<PackSample, "cellVoltage_mV" | "temperature_degC">> & {
    readonly cells_mV?: readonly number[];
    readonly sensors_degC?: readonly number[];
  } = {},
): PackSample {
  const { cells_mV, sensors_degC, ...fields } = change;
  const cellVoltage_mV = Uint16Array.from(cells_mV ?? [3700, 3701, 3699, 3700]);
  const sum_mV = cellVoltage_mV.reduce((sum, cell_mV) => sum + cell_mV, 0);
  return {
    wall_ms: 1_790_000_000_000 + 1000 * t_s,
    monotonic_ms: 1000 * t_s,
    packVoltage_V: sum_mV / 1000,
    packCurrent_A: 0,
    soc: 0.5,
    cellVoltage_mV,
    temperature_degC: Float32Array.from(sensors_degC ?? [25, 25.5]),
    ...fields,
  };
}
