import type { SimulatedCell } from "../simulation/simulated-cell.ts";

/** The pack as the twin sees it when a charge is asked about. Ratios are 0 to 1 or over nominal. */
export interface ChargeStart {
  readonly cell: SimulatedCell;
  /** In series. */
  readonly cells: number;
  /** Nominal, of the pack. */
  readonly capacity_Ah: number;
  /** Mean of the cells. */
  readonly soc: number;
  /** Of the fullest cell, which ends the charge. */
  readonly fullestSoc: number;
  /** Mean of the sensors. */
  readonly cell_degC: number;
  /** The coldest and the hottest sensor against that mean: they decide what the control allows. */
  readonly coldest_K: number;
  readonly hottest_K: number;
  /** What is left of capacity, and what resistance has become, over nominal. */
  readonly capacityFactor: number;
  readonly resistanceFactor: number;
}

/**
 * How the pack is charged: `guarded` as ChargingControl does (temperature, plating, voltage and wear bound
 * the current), `plain` as constant current and then constant voltage.
 */
export type ChargePattern = "guarded" | "plain";

/** A charge that could be made. */
export interface ChargePlan {
  readonly pattern: ChargePattern;
  /** What the charger can give at the pack's terminals, above 0. */
  readonly charger_kW: number;
  /** Of the pack, whatever the charger could give; magnitude. */
  readonly currentMax_A: number;
  /** Mean state of charge to reach, 0 to 1. */
  readonly targetSoc: number;
  /** Of the coolant that enters the pack, unless it is heated. */
  readonly ambient_degC: number;
  /** A heater brings the coolant 20 °C above ambient: on below 10 °C in the coldest part, off from 15 °C. */
  readonly isPreconditioned: boolean;
}

/** What holds the current back. */
export type ForecastLimit = "charger" | "pack" | "voltage" | "temperature" | "plating" | "wear";

/** How a charge would end. */
export type ForecastEnd =
  /** The target is reached. */
  | "reached"
  /** The current fell below C/20, or nothing may flow at all. */
  | "stopped"
  /** Two days were not enough. */
  | "too-long";

/** One charge followed to its end, without doubt. */
export interface ChargeCourse {
  readonly end: ForecastEnd;
  readonly duration_s: number;
  readonly endSoc: number;
  /** Of the coldest and the hottest part of the string, over the whole charge. */
  readonly coldest_degC: number;
  readonly hottest_degC: number;
  readonly end_degC: number;
  /** Into the pack's terminals. */
  readonly energy_Wh: number;
  /** Into the coolant, where it is preconditioned. */
  readonly heating_Wh: number;
  readonly meanVoltage_V: number;
  readonly mean_degC: number;
  /** What held the current back for longest; of a charge that stopped, what stopped it. */
  readonly limit: ForecastLimit;
}
