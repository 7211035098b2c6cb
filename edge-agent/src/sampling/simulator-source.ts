import { DriveCurrent, PackSimulator } from "@voltfog/battery";
import type { Random } from "@voltfog/runtime";
import type { BatterySource, PackLimits, Reading } from "./battery-source.ts";

const source = "LG HG2 pack simulator, 96 cells, 150 Ah";
const ambient_degC = 25;
/** Heat transfer to a coolant that stands, as a share of what a running pump gives. */
const standing = 0.25;
/** The heater brings the coolant this far above the surroundings. */
const heaterRise_K = 20;
/** Of each cell. */
const bleed_Ohm = 41;

/** A pack that drives and charges at random, for when there is no recording. Repeats by its seed. */
export class SimulatorSource implements BatterySource {
  readonly abilities = { cooling: true, heating: true, bleeding: true };
  readonly #pack: PackSimulator;
  readonly #drive: DriveCurrent;
  readonly #step_s: number;

  constructor(options: { random: Random; startSoc: number; step_s: number }) {
    const { random, startSoc } = options;
    this.#pack = new PackSimulator({ random, startSoc, ambient_degC });
    this.#drive = new DriveCurrent({ random, capacity_Ah: this.#pack.capacity_Ah });
    this.#step_s = options.step_s;
  }

  read(at: { wall_ms: number; monotonic_ms: number; limits: PackLimits }): Reading {
    const { wall_ms, monotonic_ms, limits } = at;
    const step_s = this.#step_s;
    const wanted_A = this.#drive.next_A({ step_s, soc: this.#pack.soc });
    const current_A = Math.min(limits.chargeMax_A, Math.max(-limits.dischargeMax_A, wanted_A));
    this.#balance(limits.bleed);
    const sample = this.#pack.step({
      current_A,
      step_s,
      wall_ms,
      monotonic_ms,
      inlet_degC: ambient_degC + heaterRise_K * limits.heating,
      cooling: Math.max(standing, limits.cooling, limits.heating),
    });
    return { origin: "simulated", source, sample };
  }

  #balance(bleed: readonly number[]): void {
    const { balancing_A, voltage_V } = this.#pack.physics;
    balancing_A.fill(0);
    for (const cell of bleed) balancing_A[cell] = -(voltage_V[cell] ?? 0) / bleed_Ohm;
  }
}
