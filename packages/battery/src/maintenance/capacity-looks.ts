import { chargeAtRest } from "../simulation/simulated-cell.ts";
import type { CapacityLook } from "./daily-indicators.ts";
import type { PackDescription } from "./day-readings.ts";
import { isIdleCurrent, type RowStep } from "./row-steps.ts";

/** A pack has rested after this long without current. */
const rest_s = 3500;
/** Shorter looks say more of the error than of the capacity. */
const lookMin = 0.35;
/** A stretch goes on until the charge comes back by this much. */
const turn = 0.08;
/** Self-discharge and offsets add up: an older stretch is dropped. */
const stretchMax_s = 10 * 86_400;

/** No stretch is open; a number that JSON can hold. */
const noCharge = -1;

/** One end of a stretch and what flowed since the other. */
interface Reach {
  socChange: number;
  charge_Ah: number;
  /** Charge in and out, and its sum times temperature. */
  moved_Ah: number;
  heat: number;
  time_s: number;
}

const nothing: Reach = { socChange: 0, charge_Ah: 0, moved_Ah: 0, heat: 0, time_s: 0 };

/** Where the counts of a day stand when it begins; a day's look is dated by them. */
export interface LookBegin {
  readonly age_d: number;
  readonly fullCycles: number;
  readonly idle_A: number;
}

/**
 * Looks at the capacity between two turns of the rested charge, from day to day. What it knows of an open
 * stretch is `saved`, and a later one goes on from there. Total. Cost: some steps of a search per rested row.
 */
export class CapacityLooks {
  readonly #pack: PackDescription;
  readonly #looks: CapacityLook[] = [];
  #from: number;
  #since: Reach;
  #furthest: Reach;
  #rested_s: number;
  #last_ms: number;

  constructor(pack: PackDescription, saved: readonly number[]) {
    this.#pack = pack;
    const [from = noCharge, rested_s = 0, last_ms = 0, ...rest] = saved;
    this.#from = from;
    this.#rested_s = rested_s;
    this.#last_ms = last_ms;
    this.#since = reachOf(rest.slice(0, 5));
    this.#furthest = reachOf(rest.slice(5, 10));
  }

  get saved(): readonly number[] {
    return [
      ...[this.#from, this.#rested_s, this.#last_ms],
      ...listOf(this.#since),
      ...listOf(this.#furthest),
    ];
  }

  get looks(): readonly CapacityLook[] {
    return this.#looks;
  }

  /** Follows a day; gives each rested charge with its row. */
  follow(
    steps: readonly RowStep[],
    begin: LookBegin,
  ): readonly { readonly soc: number; readonly step: RowStep }[] {
    const rests: { soc: number; step: RowStep }[] = [];
    this.#meet(steps[0]);
    for (const step of steps) {
      if (!step.isJoined) this.#interrupt();
      else this.#count(step, begin.idle_A);
      this.#last_ms = step.row.wall_ms;
      if (!step.isJoined || this.#rested_s < rest_s) continue;
      const soc = chargeAtRest(this.#pack.cell.ocv_V, step.row.mean_V);
      this.#rest(soc, begin);
      rests.push({ soc, step });
    }
    return rests;
  }

  /** The first row of a day joins the last of the day before when both idle and are near enough. */
  #meet(first: RowStep | undefined): void {
    const row = first?.before;
    if (row === undefined) return;
    const apart_s = (row.wall_ms - this.#last_ms) / 1000;
    const isIdle = isIdleCurrent(row.current_A, this.#pack.capacity_Ah);
    const isNear = apart_s > 0 && apart_s <= (isIdle ? 3700 : 905);
    if (!isNear) {
      this.#interrupt();
      return;
    }
    const isJoined = true;
    this.#count({ before: row, row, step_s: apart_s, isJoined, isIdle }, 0);
  }

  #interrupt(): void {
    this.#from = noCharge;
    this.#rested_s = 0;
  }

  #count(step: RowStep, idle_A: number): void {
    const { row, step_s } = step;
    const isIdle = isIdleCurrent(row.current_A, this.#pack.capacity_Ah);
    this.#rested_s = isIdle ? this.#rested_s + step_s : 0;
    this.#since.time_s += step_s;
    if (isIdle) return;
    const charge_Ah = ((row.current_A - idle_A) * step_s) / 3600;
    this.#since.charge_Ah += charge_Ah;
    this.#since.moved_Ah += Math.abs(charge_Ah);
    this.#since.heat += Math.abs(charge_Ah) * ((row.coldest_degC + row.hottest_degC) / 2);
  }

  #rest(soc: number, begin: LookBegin): void {
    if (this.#from < 0 || this.#since.time_s > stretchMax_s) {
      this.#begin(soc, nothing);
      return;
    }
    const socChange = soc - this.#from;
    const furthest = this.#furthest.socChange;
    const isOnward = furthest === 0 || Math.sign(socChange) === Math.sign(furthest);
    if (isOnward && Math.abs(socChange) > Math.abs(furthest)) {
      this.#furthest = { ...this.#since, socChange };
      return;
    }
    if (Math.abs(socChange - furthest) < turn) return;
    const end = this.#furthest;
    this.#look(end, begin);
    const since: Reach = {
      socChange: 0,
      charge_Ah: this.#since.charge_Ah - end.charge_Ah,
      moved_Ah: this.#since.moved_Ah - end.moved_Ah,
      heat: this.#since.heat - end.heat,
      time_s: this.#since.time_s - end.time_s,
    };
    this.#begin(this.#from + furthest, since);
    this.#furthest = { ...since, socChange: soc - this.#from };
  }

  #look({ socChange, charge_Ah, moved_Ah, heat }: Reach, begin: LookBegin): void {
    if (Math.abs(socChange) < lookMin || !(charge_Ah * socChange > 0) || !(moved_Ah > 0)) return;
    const share = charge_Ah / socChange / this.#pack.capacity_Ah;
    // Nothing else is a capacity of this pack.
    if (!(share > 0.2 && share < 1.5)) return;
    this.#looks.push({
      share,
      weight: Math.min(1, socChange ** 2),
      cell_degC: heat / moved_Ah,
      age_d: begin.age_d,
      fullCycles: begin.fullCycles,
    });
  }

  #begin(soc: number, since: Reach): void {
    this.#from = soc;
    this.#since = { ...since };
    this.#furthest = { ...nothing };
  }
}

function reachOf(list: readonly number[]): Reach {
  const [socChange = 0, charge_Ah = 0, moved_Ah = 0, heat = 0, time_s = 0] = list;
  return { socChange, charge_Ah, moved_Ah, heat, time_s };
}

function listOf({ socChange, charge_Ah, moved_Ah, heat, time_s }: Reach): readonly number[] {
  return [socChange, charge_Ah, moved_Ah, heat, time_s];
}
