import { cellCapacity_Ah } from "./lg-hg2-cell.ts";

/** What can be wrong with a reading; each has limits of its own. */
export type SafetyClass =
  | "cell-over-voltage"
  | "cell-under-voltage"
  | "over-temperature"
  | "under-temperature"
  | "temperature-rise"
  | "over-current";

export const safetyClasses: readonly SafetyClass[] = [
  "cell-over-voltage",
  "cell-under-voltage",
  "over-temperature",
  "under-temperature",
  "temperature-rise",
  "over-current",
];

/** 1 information (end of normal operation), 2 warning (end of recommended safety), 3 fatal. */
export type SafetyLevel = 1 | 2 | 3;

/** The limits of levels 1, 2 and 3, each further out than the one before. */
export type LevelLimits = readonly [number, number, number];

/**
 * The region in which a pack may be operated, with where its numbers come from. Limits belong to the
 * cell; currents are those of the pack.
 */
export interface SafeOperatingArea {
  readonly name: string;
  readonly provenance: string;
  readonly cellVoltageMax_V: LevelLimits;
  readonly cellVoltageMin_V: LevelLimits;
  readonly chargeTemperatureMax_degC: LevelLimits;
  readonly chargeTemperatureMin_degC: LevelLimits;
  readonly dischargeTemperatureMax_degC: LevelLimits;
  readonly dischargeTemperatureMin_degC: LevelLimits;
  /** In °C per second. */
  readonly temperatureRiseMax: LevelLimits;
  /** Magnitudes. */
  readonly chargeCurrentMax_A: LevelLimits;
  readonly dischargeCurrentMax_A: LevelLimits;
  /** Step of the temperature sensors: a rise is counted only beyond what rounding can make. */
  readonly temperatureResolution_degC: number;
  readonly capacity_Ah: number;
}

/** Levels after foxBMS 2: maximum operating, recommended safety and maximum safety limit. */
const temperatures = {
  chargeTemperatureMax_degC: [45, 50, 55],
  chargeTemperatureMin_degC: [0, -10, -20],
  dischargeTemperatureMax_degC: [55, 60, 65],
  dischargeTemperatureMin_degC: [-20, -25, -30],
  // 1 °C/s is the confirmation of GB 38031-2025 C.5.3.7; half of it already goes out as urgent.
  temperatureRiseMax: [0.5, 1, 2],
  temperatureResolution_degC: 0.5,
} as const;

/** One LG HG2 cell as published in its drive cycles. */
export const lgHg2Cell: SafeOperatingArea = {
  name: "LG HG2",
  provenance:
    "voltage: 4.20 V charge end and 2.50 V discharge end of the maker's data sheet with margins; " +
    "minimum levels follow the published drive cycles, most of which go under 3.00 V. " +
    "discharge current: 20 A of the data sheet. charge current: above the 6 A regeneration pulses of " +
    "the drive cycles (Kollmeyer et al., Mendeley cp3473x7xv); the data sheet's 4 A is for full charges",
  cellVoltageMax_V: [4.22, 4.23, 4.25],
  cellVoltageMin_V: [2.8, 2.65, 2.5],
  chargeCurrentMax_A: [6.5, 8, 10],
  dischargeCurrentMax_A: [20, 22.5, 25],
  capacity_Ah: cellCapacity_Ah,
  ...temperatures,
};

/** 96 cells in series of 150 Ah, generic NMC. */
export const nmcPack: SafeOperatingArea = {
  name: "NMC 96s 150 Ah",
  provenance:
    "generic NMC: 4.20 V charge end; minimum 3.0 V keeps clear of copper dissolution; " +
    "current: 1 C charge and 4 C discharge pulses, warning and fatal with 10 % and 25 % more",
  cellVoltageMax_V: [4.2, 4.22, 4.25],
  cellVoltageMin_V: [3.2, 3.1, 3.0],
  chargeCurrentMax_A: [150, 165, 187.5],
  dischargeCurrentMax_A: [600, 660, 750],
  capacity_Ah: 150,
  ...temperatures,
};

/** The area of a pack whose cells behave like the given one at equal C-rate: currents grow with capacity. */
export function scaledToPack(cell: SafeOperatingArea, capacity_Ah: number): SafeOperatingArea {
  const factor = capacity_Ah / cell.capacity_Ah;
  return {
    ...cell,
    name: `${cell.name} scaled to ${capacity_Ah} Ah`,
    chargeCurrentMax_A: timesFactor(cell.chargeCurrentMax_A, factor),
    dischargeCurrentMax_A: timesFactor(cell.dischargeCurrentMax_A, factor),
    capacity_Ah,
  };
}

function timesFactor([info, warning, fatal]: LevelLimits, factor: number): LevelLimits {
  return [info * factor, warning * factor, fatal * factor];
}
