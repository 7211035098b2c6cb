import { DriveCurrent, PackSimulator } from "@voltfog/battery";
import type { Random } from "@voltfog/runtime";
import type { BatterySource, PackLimits, Reading } from "./battery-source.ts";

const source = "LG HG2 pack simulator, 96 cells, 150 Ah";

/** A pack that drives and charges at random, for when there is no recording. Repeats by its seed. */
export class SimulatorSource implements BatterySource {
  readonly #pack: PackSimulator;
  readonly #drive: DriveCurrent;
  readonly #step_s: number;

  constructor(options: { random: Random; startSoc: number; step_s: number }) {
    const { random, startSoc } = options;
    this.#pack = new PackSimulator({ random, startSoc });
    this.#drive = new DriveCurrent({ random, capacity_Ah: this.#pack.capacity_Ah });
    this.#step_s = options.step_s;
  }

  read(at: { wall_ms: number; monotonic_ms: number; limits: PackLimits }): Reading {
    const { wall_ms, monotonic_ms, limits } = at;
    const step_s = this.#step_s;
    const wanted_A = this.#drive.next_A({ step_s, soc: this.#pack.soc });
    const current_A = Math.min(limits.chargeMax_A, Math.max(-limits.dischargeMax_A, wanted_A));
    const sample = this.#pack.step({ current_A, step_s, wall_ms, monotonic_ms });
    return { origin: "simulated", source, sample };
  }
}
