import type { DayReadings, PackDescription } from "../../maintenance/day-readings.ts";
import { type PackPreset, type PackPresetId, packPresets } from "../pack-preset.ts";
import { randomStream } from "../random-stream.ts";
import {
  activeFault,
  drawFaults,
  effectsOn,
  type HistoryFault,
  type HistoryFaultKind,
  isInWorkshop,
} from "./history-faults.ts";
import { HistoryPack } from "./history-pack.ts";
import { HistorySensors } from "./history-sensors.ts";
import {
  drawCharacter,
  type HistoryCharacter,
  historyPurposes,
  type UsageKind,
} from "./history-vehicle.ts";
import { VehicleDays } from "./vehicle-days.ts";

export interface FleetHistoryOptions {
  readonly seed: number;
  readonly vehicles: number;
  readonly days: number;
  readonly preset?: PackPresetId;
  /** Midnight UTC at which day 0 begins. */
  readonly start_ms?: number;
}

/** What is true about a vehicle on one day, whatever its readings say. At the end of the day, at 25 °C. */
export interface DayTruth {
  /** What the pack can deliver, over nominal: cells and how far they are apart. */
  readonly usable: number;
  /** Mean capacity of the cells over nominal: ageing alone. */
  readonly cells: number;
  /** Mean resistance over new. */
  readonly resistance: number;
  /** Greatest minus least charge of a cell. */
  readonly chargeSpread: number;
  readonly core_degC: number;
  /** Of the charge between two rest voltages at 25 °C, what is there at the temperature at which charge flowed. */
  readonly coldFactor: number;
  /** What the current sensor reads over what flows. */
  readonly gain: number;
  readonly isRecalibrated: boolean;
  readonly isInWorkshop: boolean;
  readonly fault: HistoryFaultKind | null;
  /** Whole days until the fault that is there fails. */
  readonly failsIn_d: number | null;
}

/** One vehicle on one day. */
export interface HistoryDay {
  readonly vehicle: HistoryVehicle;
  /** Counts from 0. */
  readonly day: number;
  readonly readings: DayReadings;
  readonly truth: DayTruth;
}

/** One vehicle of the history, with what is true about it for good. */
export interface HistoryVehicle {
  /** Counts from 0. */
  readonly index: number;
  /** "history-0001" and on. */
  readonly id: string;
  readonly usage: UsageKind;
  readonly pack: PackDescription;
  readonly faults: readonly HistoryFault[];
  /** Every day in order, made as it is asked for; resolves to the end of life when all are through. */
  days(): Generator<HistoryDay, HistoryEnd>;
}

/** What the wear model says of the time after the history. */
export interface HistoryEnd {
  /** Days from the end of the history until cells have four fifths of their nominal capacity, used as in its last year. */
  readonly endOfLife_d: number;
}

/** Whole weeks, and two years that end in the present of this project. */
export const historyStart_ms: number = Date.UTC(2024, 0, 1);
/** Cells with this share of their nominal capacity have ended their life in a vehicle. */
const endOfLife = 0.8;
/** A kilowatt-hour takes every vehicle of the history this far. */
const distancePerEnergy_km = 6;

/**
 * A simulated fleet with its truth, vehicle by vehicle and day by day. The same options give the same
 * numbers; a vehicle is the same whatever the others are. Memory: one day. Cost: about 0.15 ms a day.
 */
export function* fleetHistory(options: FleetHistoryOptions): Generator<HistoryDay> {
  for (let index = 0; index < options.vehicles; index++) {
    yield* historyVehicle(options, index).days();
  }
}

/** One vehicle of a history, counting from 0; its days are made when they are asked for. */
export function historyVehicle(options: FleetHistoryOptions, index: number): HistoryVehicle {
  const preset = packPresets[options.preset ?? "nmc96"];
  const start_ms = options.start_ms ?? historyStart_ms;
  const draw = { seed: options.seed, vehicle: index };
  const character = drawCharacter(draw);
  const faults = drawFaults({ ...draw, days: options.days, cells: preset.cells, character });
  const before = usedBefore(character);
  const vehicle: HistoryVehicle = {
    index,
    id: `history-${String(index + 1).padStart(4, "0")}`,
    usage: character.usage.kind,
    faults,
    pack: {
      cell: preset.cell,
      cells: preset.cells,
      capacity_Ah: preset.capacity_Ah,
      firstUse_ms: start_ms - character.ageBefore_d * 86_400_000,
      fullCyclesBefore: before.throughput / 2,
      distanceBefore_km: (before.throughput / 2) * energy_kWh(preset) * distancePerEnergy_km,
      distancePerEnergy_km,
    },
    days: () => daysOf({ vehicle, options, preset, start_ms, character, before }),
  };
  return vehicle;
}

function energy_kWh({ cell, cells, capacity_Ah }: PackPreset): number {
  const middle_V = cell.ocv_V[cell.ocv_V.length >> 1] ?? 0;
  return (middle_V * cells * capacity_Ah) / 1000;
}

/** Throughput in capacities of the time before the history, and of a day of it. */
function usedBefore({ usage, driveRate, ageBefore_d }: HistoryCharacter): {
  readonly perDay: number;
  readonly throughput: number;
} {
  const { workDays, workDrives, freeDrives, freeShare, drive_min } = usage;
  const drives = (workDays * workDrives + (7 - workDays) * freeShare * freeDrives) / 7;
  const perDay = 2 * drives * (drive_min / 60) * driveRate;
  return { perDay, throughput: perDay * ageBefore_d };
}

function* daysOf(o: {
  vehicle: HistoryVehicle;
  options: FleetHistoryOptions;
  preset: PackPreset;
  start_ms: number;
  character: HistoryCharacter;
  before: { readonly perDay: number };
}): Generator<HistoryDay, HistoryEnd> {
  const { vehicle, options, preset, character } = o;
  const { faults } = vehicle;
  const draw = { seed: options.seed, vehicle: vehicle.index };
  const pack = new HistoryPack({ ...draw, preset, character, effects: effectsOn(faults, 0) });
  ageBefore(pack, character, o.before.perDay);
  const sensors = new HistorySensors({ ...draw, cells: preset.cells, sensors: preset.sensors });
  const days = new VehicleDays({
    pack,
    sensors,
    character,
    start_ms: o.start_ms,
    plan: randomStream({ ...draw, purpose: historyPurposes.plan }),
    weather: randomStream({ ...draw, purpose: historyPurposes.weather }),
  });
  for (let day = 0; day < options.days; day++) {
    const isAway = isInWorkshop(faults, day);
    const readings = days.next(day, isAway);
    pack.endDay(effectsOn(faults, day + 1));
    const fault = activeFault(faults, day);
    const failed = faults.find(({ failureDay }) => day === failureDay + 1);
    if (failed !== undefined) pack.repair(failed.cell);
    // The workshop calibrates what it repairs.
    const isRecalibrated = sensors.endDay(failed !== undefined);
    yield {
      vehicle,
      day,
      readings,
      truth: truthOf({ pack, sensors, fault, day, isAway, isRecalibrated }),
    };
  }
  return { endOfLife_d: pack.wear.daysUntil(endOfLife) };
}

/** Wears the pack by the time before the history, in steps of ten days all alike. */
function ageBefore(pack: HistoryPack, character: HistoryCharacter, perDay: number): void {
  const step_d = 10;
  const stress = {
    cell_K: character.climate_degC + 275.15,
    cell_V: 3.75,
    soc: 0.6,
    depth: Math.min(0.6, perDay),
    throughput: perDay,
  };
  for (let day = step_d; day <= character.ageBefore_d; day += step_d) {
    pack.wear.settle(stress, step_d);
  }
  pack.refresh();
}

function truthOf(o: {
  pack: HistoryPack;
  sensors: HistorySensors;
  fault: HistoryFault | undefined;
  day: number;
  isAway: boolean;
  isRecalibrated: boolean;
}): DayTruth {
  const { pack, fault } = o;
  const { low, high } = pack.extremes;
  let resistance = 0;
  for (const own of pack.resistance) resistance += own / pack.resistance.length;
  return {
    usable: pack.usable,
    cells: pack.meanCapacity,
    resistance,
    chargeSpread: high - low,
    core_degC: pack.core_degC,
    coldFactor: pack.flowColdFactor,
    gain: o.sensors.gain,
    isRecalibrated: o.isRecalibrated,
    isInWorkshop: o.isAway,
    fault: fault?.kind ?? null,
    failsIn_d: fault === undefined ? null : fault.failureDay - o.day,
  };
}
