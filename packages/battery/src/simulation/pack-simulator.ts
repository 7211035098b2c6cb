import type { Random } from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { type SpreadSize, usualSpread } from "./cell-spread.ts";
import type { Fault } from "./fault.ts";
import { PackPhysics } from "./pack-physics.ts";
import { type PackPreset, packPresets } from "./pack-preset.ts";
import { PackSensors } from "./pack-sensors.ts";
import { PackWear } from "./pack-wear.ts";
import { SensorFaults } from "./sensor-faults.ts";

export interface PackSimulatorOptions {
  readonly random: Random;
  /** 96 LG HG2 cells of 150 Ah by default; the options below override its numbers. */
  readonly preset?: PackPreset;
  /** In series. */
  readonly cells?: number;
  readonly sensors?: number;
  /** Of one string. */
  readonly capacity_Ah?: number;
  /** In parallel; a sample then lists the cells of string after string. */
  readonly strings?: number;
  /** Of the fullest cell. */
  readonly startSoc?: number;
  /** At the start, and of the coolant unless a step says otherwise. */
  readonly ambient_degC?: number;
  readonly spread?: SpreadSize;
  /** σ of a cell voltage reading; 1.5 mV by default. */
  readonly noise_mV?: number;
  /** The most that a cell's sensor is off for life; 2 mV by default. */
  readonly offset_mV?: number;
  readonly faults?: readonly Fault[];
}

/**
 * A pack with its sensors. The same seed, options and currents give the same series, and a fault changes
 * nothing before its onset: it acts from the first step that begins at or after it.
 */
export class PackSimulator {
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
  /** The cells as they are. */
  readonly physics: PackPhysics;
  readonly #ambient_degC: number;
  readonly #sensors: PackSensors;
  readonly #sensorFaults: SensorFaults;
  readonly #faults: readonly Fault[];
  readonly #wear: PackWear;
  readonly #applied = new Set<Fault>();
  readonly #place_degC: Float64Array;
  #elapsed_s = 0;
  #coolingLeft = 1;

  constructor(options: PackSimulatorOptions) {
    const { random } = options;
    const preset = options.preset ?? packPresets.nmc96;
    const strings = options.strings ?? 1;
    this.cells = (options.cells ?? preset.cells) * strings;
    this.sensors = options.sensors ?? preset.sensors;
    this.capacity_Ah = (options.capacity_Ah ?? preset.capacity_Ah) * strings;
    this.#ambient_degC = options.ambient_degC ?? 25;
    this.physics = new PackPhysics({
      random,
      cell: preset.cell,
      cells: options.cells ?? preset.cells,
      strings,
      capacity_Ah: options.capacity_Ah ?? preset.capacity_Ah,
      startSoc: options.startSoc ?? 0.9,
      start_degC: this.#ambient_degC,
      spread: options.spread ?? usualSpread,
    });
    this.#sensors = new PackSensors({
      cells: this.cells,
      sensors: this.sensors,
      random,
      strings,
      ...(options.noise_mV === undefined ? {} : { noise_mV: options.noise_mV }),
      ...(options.offset_mV === undefined ? {} : { offset_mV: options.offset_mV }),
    });
    this.#faults = options.faults ?? [];
    this.#sensorFaults = new SensorFaults(this.#faults);
    this.#wear = new PackWear(this.physics);
    this.#place_degC = new Float64Array(this.sensors);
  }

  /** The mean state of charge as it is, 0 to 1; what an estimator would have to find. */
  get soc(): number {
    return this.physics.meanSoc;
  }

  get elapsed_s(): number {
    return this.#elapsed_s;
  }

  /** Applies the current for the time, then reads the sensors. Steps of 0 to 600 s; charge positive. */
  step(options: {
    current_A: number;
    step_s: number;
    wall_ms: number;
    monotonic_ms: number;
    inlet_degC?: number;
    /** Share of the full cooling; 1 unless the pump is off. */
    cooling?: number;
  }): PackSample {
    this.advance(options);
    return this.read(options);
  }

  /** A step without reading the sensors. */
  advance(options: {
    current_A: number;
    step_s: number;
    inlet_degC?: number;
    cooling?: number;
  }): void {
    this.#beginFaults();
    const { current_A, step_s } = options;
    this.physics.step({
      current_A,
      step_s,
      cooling: {
        inlet_degC: options.inlet_degC ?? this.#ambient_degC,
        share: (options.cooling ?? 1) * this.#coolingLeft,
      },
    });
    this.#elapsed_s += step_s;
    this.#wear.observe({
      elapsed_s: this.#elapsed_s,
      throughput_Ah: (Math.abs(current_A) * step_s) / 3600,
    });
  }

  /** What the sensors say now of the state as it is. */
  read(at: { current_A: number; wall_ms: number; monotonic_ms: number }): PackSample {
    const { cell_degC, voltage_V } = this.physics;
    for (let sensor = 0; sensor < this.sensors; sensor++) {
      const cell = Math.floor((sensor * this.cells) / this.sensors);
      this.#place_degC[sensor] = cell_degC[cell] ?? 0;
    }
    const sample = this.#sensors.read({
      wall_ms: at.wall_ms,
      monotonic_ms: at.monotonic_ms,
      current_A: at.current_A,
      soc: this.soc,
      cellVoltage_V: voltage_V,
      temperature_degC: this.#place_degC,
    });
    return this.#sensorFaults.apply(sample, this.#elapsed_s);
  }

  #beginFaults(): void {
    for (const fault of this.#faults) {
      if (fault.onset_s > this.#elapsed_s || this.#applied.has(fault)) continue;
      this.#applied.add(fault);
      this.#begin(fault);
    }
  }

  #begin(fault: Fault): void {
    const { leak, capacityFactor, resistanceFactor, joint_Ohm } = this.physics;
    if (fault.kind === "internal-short") {
      leak[fault.cell] = (leak[fault.cell] ?? 0) + 1 / fault.resistance_Ohm;
    } else if (fault.kind === "weak-cell") {
      capacityFactor[fault.cell] = (capacityFactor[fault.cell] ?? 1) * (1 - fault.capacityLoss);
      resistanceFactor[fault.cell] =
        (resistanceFactor[fault.cell] ?? 1) * (1 + fault.resistanceRise);
    } else if (fault.kind === "connection") {
      joint_Ohm[fault.cell] = (joint_Ohm[fault.cell] ?? 0) + fault.resistance_mOhm / 1000;
    } else if (fault.kind === "cooling-loss") {
      this.#coolingLeft = fault.remaining;
    }
  }
}
