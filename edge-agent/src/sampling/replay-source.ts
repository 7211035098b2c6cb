import { cellCapacity_Ah, PackModel } from "@voltfog/battery";
import type { Random } from "@voltfog/runtime";
import type { BatterySource, PackLimits, Reading } from "./battery-source.ts";
import { type CellState, cellAt, type DriveCycle, duration_s } from "./drive-cycle.ts";
import { LimitedCell } from "./limited-cell.ts";
import { type Recharge, startRecharge } from "./recharge.ts";

const rechargeSource = "recharge between replays (LG HG2 model)";

/**
 * A real drive cycle of one cell drives a 96-cell pack of 150 Ah (PackModel says how). At the end the
 * pack rests and recharges, labelled simulated, and the cycle starts again.
 */
export class ReplaySource implements BatterySource {
  /** What was recorded cannot be cooled, heated or bled any more. */
  readonly abilities = { cooling: false, heating: false, bleeding: false };
  readonly #cycle: DriveCycle;
  readonly #pack: PackModel;
  readonly #step_s: number;
  readonly #limited = new LimitedCell();
  #elapsed_s: number;
  #recharge: Recharge | undefined;

  constructor(options: {
    cycle: DriveCycle;
    /** Where in the cycle the replay starts, as a share of its length. */
    startShare: number;
    step_s: number;
    random: Random;
  }) {
    this.#cycle = options.cycle;
    this.#step_s = options.step_s;
    this.#pack = new PackModel({ random: options.random });
    this.#elapsed_s = Math.floor(options.startShare * duration_s(options.cycle));
  }

  read(at: { wall_ms: number; monotonic_ms: number; limits: PackLimits }): Reading {
    const { wall_ms, monotonic_ms } = at;
    const recharged = this.#recharged();
    const cell = recharged ?? this.#driven(at.limits);
    const sample = this.#pack.read({ ...cell, wall_ms, monotonic_ms });
    if (recharged !== undefined) return { origin: "simulated", source: rechargeSource, sample };
    return { origin: "replayed", source: this.#cycle.name, sample };
  }

  #driven(limits: PackLimits): CellState {
    const recorded = cellAt(this.#cycle, this.#elapsed_s);
    const perCell = cellCapacity_Ah / (this.#pack.capacity_Ah * this.#pack.derating);
    const cell = this.#limited.apply({
      recorded,
      chargeMax_A: limits.chargeMax_A * perCell,
      dischargeMax_A: limits.dischargeMax_A * perCell,
      step_s: this.#step_s,
    });
    this.#elapsed_s += this.#step_s;
    if (this.#elapsed_s > duration_s(this.#cycle)) {
      this.#recharge = startRecharge({ from: cell, until: cellAt(this.#cycle, 0) });
    }
    return cell;
  }

  #recharged(): CellState | undefined {
    const cell = this.#recharge?.step(this.#step_s);
    if (cell !== undefined || this.#recharge === undefined) return cell;
    this.#recharge = undefined;
    this.#limited.reset();
    this.#elapsed_s = 0;
    return undefined;
  }
}
