import type { PackSample } from "./pack-sample.ts";
import type {
  LevelLimits,
  SafeOperatingArea,
  SafetyClass,
  SafetyLevel,
} from "./safe-operating-area.ts";
import type { TemperatureRise } from "./temperature-rise.ts";

/** The worst value of one class in one sample, beside the limits that hold for it. */
export interface SafetyReading {
  readonly class: SafetyClass;
  /** In the unit of the class: V, °C, °C/s or A (a magnitude). */
  readonly value: number;
  /** Cell or sensor with this value; 0 for the current. */
  readonly cell: number;
  readonly limits: LevelLimits;
}

/** The unit of each class's values and limits. */
export const safetyUnit: Readonly<Record<SafetyClass, "V" | "degC" | "degC/s" | "A">> = {
  "cell-over-voltage": "V",
  "cell-under-voltage": "V",
  "over-temperature": "degC",
  "under-temperature": "degC",
  "temperature-rise": "degC/s",
  "over-current": "A",
};

/**
 * The worst value of every class that the sample speaks about. `charging` says which temperature window
 * holds; `rise` comes from a TemperatureRiseMeter that has seen the samples before. Values that are no
 * number are passed over: plausibility reports those.
 */
export function safetyReadings(options: {
  sample: PackSample;
  area: SafeOperatingArea;
  charging: boolean;
  rise?: TemperatureRise | undefined;
}): SafetyReading[] {
  const { sample, area, charging, rise } = options;
  const readings: SafetyReading[] = [];
  const add = (kind: SafetyClass, worst: Worst | undefined, limits: LevelLimits): void => {
    if (worst !== undefined) readings.push({ class: kind, ...worst, limits });
  };
  const voltage = extremes(sample.cellVoltage_mV);
  add("cell-over-voltage", inVolt(voltage?.highest), area.cellVoltageMax_V);
  add("cell-under-voltage", inVolt(voltage?.lowest), area.cellVoltageMin_V);
  const temperature = extremes(sample.temperature_degC);
  add(
    "over-temperature",
    temperature?.highest,
    charging ? area.chargeTemperatureMax_degC : area.dischargeTemperatureMax_degC,
  );
  add(
    "under-temperature",
    temperature?.lowest,
    charging ? area.chargeTemperatureMin_degC : area.dischargeTemperatureMin_degC,
  );
  const steepest = rise && { cell: rise.sensor, value: rise.rise };
  add("temperature-rise", steepest, area.temperatureRiseMax);
  const current_A = sample.packCurrent_A;
  if (Number.isFinite(current_A)) {
    const limits = current_A > 0 ? area.chargeCurrentMax_A : area.dischargeCurrentMax_A;
    add("over-current", { cell: 0, value: Math.abs(current_A) }, limits);
  }
  return readings;
}

/** The level of a single reading, without any waiting: 0 inside the limits. */
export function levelOf(reading: SafetyReading): 0 | SafetyLevel {
  const below = reading.class === "cell-under-voltage" || reading.class === "under-temperature";
  const passed = (limit: number): boolean =>
    below ? reading.value <= limit : reading.value >= limit;
  return ([3, 2, 1] as const).find((level) => passed(reading.limits[level - 1] ?? 0)) ?? 0;
}

interface Worst {
  readonly cell: number;
  readonly value: number;
}

function extremes(values: ArrayLike<number>): { lowest: Worst; highest: Worst } | undefined {
  let low = -1;
  let high = -1;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < lowest) {
      lowest = value;
      low = i;
    }
    if (value > highest) {
      highest = value;
      high = i;
    }
  }
  if (low < 0 || high < 0) return undefined;
  return { lowest: { cell: low, value: lowest }, highest: { cell: high, value: highest } };
}

function inVolt(worst: Worst | undefined): Worst | undefined {
  return worst && { cell: worst.cell, value: worst.value / 1000 };
}
