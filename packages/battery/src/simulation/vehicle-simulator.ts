import { normal, type SeededRandom } from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import type { SpreadSize } from "./cell-spread.ts";
import type { Fault } from "./fault.ts";
import type { PackPreset } from "./pack-preset.ts";
import { PackSimulator } from "./pack-simulator.ts";
import { randomStream } from "./random-stream.ts";
import { batteryPower_W, type Vehicle, vehicleFor } from "./road-load.ts";
import { SyntheticSpeed } from "./speed-cycle.ts";
import { type Activity, drawHabits, type Habits, planDay } from "./vehicle-day.ts";

export type VehicleMode = "parked" | "driving" | "charging";

/** Seconds between samples; each is also one step of the pack. 1 to 600. */
export interface SampleSteps {
  readonly driving_s: number;
  readonly charging_s: number;
  readonly parked_s: number;
}

export interface VehicleOptions {
  readonly seed: number;
  /** Which of the seed's vehicles, from 0. */
  readonly vehicle: number;
  readonly preset: PackPreset;
  readonly start_ms: number;
  readonly steps: SampleSteps;
  /** Samples are this close within this time; part of the run, so give it to a run without the fault too. */
  readonly window?: { readonly from_s: number; readonly to_s: number; readonly step_s: number };
  readonly faults?: readonly Fault[];
  readonly spread?: SpreadSize;
  readonly noise_mV?: number;
}

/** One simulated moment of a vehicle. The sample is simulated, and says so wherever it goes. */
export interface VehicleReading {
  readonly elapsed_s: number;
  readonly mode: VehicleMode;
  readonly sample: PackSample;
  readonly insulation_Ohm: number;
  /** False where the sample got lost on the way. */
  readonly arrives: boolean;
}

const day_s = 86_400;
const soundInsulation_Ohm = 2e6;
/** Of what comes from a sound vehicle. */
const usualLoss = 0.0005;
/** What the inverter's bleeder and the 12 V converter draw from a link that stays connected. */
const weldedDraw_A = 0.8;
const lowestDrive = 0.12;
/** Charging ends here: a twentieth of capacity per hour. */
const taper = 0.05;
/** With the pump off the coolant stands. */
const parkedCooling = 0.25;

/**
 * One vehicle with its pack, driver and weather: drives with a road-load model on synthetic speeds,
 * charges, parks. The same seed gives the same readings; a fault changes nothing up to its onset.
 */
export class VehicleSimulator {
  readonly pack: PackSimulator;
  readonly #options: VehicleOptions;
  readonly #faults: readonly Fault[];
  readonly #vehicle: Vehicle;
  readonly #habits: Habits;
  readonly #plan: SeededRandom;
  readonly #drive: SeededRandom;
  readonly #line: SeededRandom;
  readonly #climate: { mean_degC: number; swing_degC: number };
  #weather_degC = 0;
  #nextDay = 0;
  #activities: readonly Activity[] = [];
  #active: Activity | undefined;
  #speed: SyntheticSpeed | undefined;
  #chargeRate = 0;

  constructor(options: VehicleOptions) {
    this.#options = options;
    this.#faults = options.faults ?? [];
    const stream = (purpose: number): SeededRandom => randomStream({ ...options, purpose });
    const random = stream(0);
    this.#plan = stream(1);
    this.#drive = stream(2);
    this.#line = stream(3);
    const { preset } = options;
    this.#climate = {
      mean_degC: 5 + 20 * random.uniform(),
      swing_degC: 2 + 4 * random.uniform(),
    };
    this.#habits = drawHabits(random);
    this.#vehicle = vehicleFor({ energy_kWh: (preset.capacity_Ah * preset.cells * 3.6) / 1000 });
    this.pack = new PackSimulator({
      random: stream(4),
      preset,
      startSoc: 0.5 + 0.3 * random.uniform(),
      ambient_degC: this.#climate.mean_degC,
      faults: this.#faults,
      ...(options.spread === undefined ? {} : { spread: options.spread }),
      ...(options.noise_mV === undefined ? {} : { noise_mV: options.noise_mV }),
    });
  }

  /** The next reading; there is always one. */
  next(): VehicleReading {
    const before_s = this.pack.elapsed_s;
    if (before_s >= this.#nextDay * day_s) this.#planDay();
    this.#changeActivity(before_s);
    const mode = this.#active?.mode ?? "parked";
    const step_s = this.#step_s(mode, before_s);
    const ambient_degC = this.#ambient_degC(before_s);
    const current_A = this.#current_A(mode, step_s, ambient_degC);
    this.pack.advance({
      current_A,
      step_s,
      inlet_degC: ambient_degC,
      cooling: mode === "parked" ? parkedCooling : 1,
    });
    return this.#reading(mode, current_A);
  }

  #reading(mode: VehicleMode, current_A: number): VehicleReading {
    const elapsed_s = this.pack.elapsed_s;
    const monotonic_ms = Math.round(elapsed_s * 1000);
    let wall_ms = this.#options.start_ms + monotonic_ms;
    let insulation_Ohm = soundInsulation_Ohm;
    let loss = usualLoss;
    for (const fault of this.#faults) {
      if (elapsed_s <= fault.onset_s) continue;
      if (fault.kind === "clock-skew") {
        wall_ms += Math.round(((elapsed_s - fault.onset_s) * fault.ppm) / 1000);
      } else if (fault.kind === "insulation-loss") insulation_Ohm = fault.resistance_Ohm;
      else if (fault.kind === "packet-loss") loss = fault.share;
    }
    return {
      elapsed_s,
      mode,
      sample: this.pack.read({ current_A, wall_ms, monotonic_ms }),
      insulation_Ohm: Math.round(insulation_Ohm * (1 + 0.05 * normal(this.#line))),
      arrives: this.#line.uniform() >= loss,
    };
  }

  #planDay(): void {
    const { random, day } = { random: this.#plan, day: this.#nextDay++ };
    this.#weather_degC = 0.8 * this.#weather_degC + 1.5 * normal(random);
    this.#activities = planDay({ day, habits: this.#habits, random });
  }

  #changeActivity(now_s: number): void {
    const active = this.#active;
    if (active !== undefined && this.#isOver(active, now_s)) this.#active = undefined;
    if (this.#active !== undefined) return;
    const next = this.#activities[0];
    if (next === undefined || next.from_s > now_s) return;
    this.#activities = this.#activities.slice(1);
    if (this.#isWanted(next)) this.#begin(next);
  }

  #isOver(activity: Activity, now_s: number): boolean {
    if (now_s >= activity.from_s + activity.duration_s) return true;
    if (activity.mode === "driving") return this.pack.soc < lowestDrive;
    return this.pack.soc >= activity.target || this.#chargeRate < taper;
  }

  #isWanted(activity: Activity): boolean {
    const { soc } = this.pack;
    if (activity.mode === "driving") return soc > lowestDrive + 0.05;
    return soc < this.#habits.chargeBelow || (activity.target === 1 && soc < 0.9);
  }

  #begin(activity: Activity): void {
    this.#active = activity;
    this.#chargeRate = activity.rate;
    const { city, rural } = activity;
    this.#speed = new SyntheticSpeed({ random: this.#drive, city, rural });
  }

  #step_s(mode: VehicleMode, now_s: number): number {
    const { steps, window } = this.#options;
    const usual_s = steps[`${mode}_s`];
    const nextDay_s = this.#nextDay * day_s;
    const next_s = Math.min(this.#activities[0]?.from_s ?? nextDay_s, nextDay_s);
    let step_s = mode === "parked" ? Math.min(usual_s, Math.max(1, next_s - now_s)) : usual_s;
    if (window === undefined) return step_s;
    if (now_s >= window.from_s && now_s < window.to_s) return Math.min(step_s, window.step_s);
    if (now_s < window.from_s) step_s = Math.min(step_s, window.from_s - now_s);
    return step_s;
  }

  #ambient_degC(now_s: number): number {
    // Warmest at three in the afternoon.
    const daily = Math.cos((2 * Math.PI * (now_s - 15 * 3600)) / day_s);
    return this.#climate.mean_degC + this.#weather_degC + this.#climate.swing_degC * daily;
  }

  #current_A(mode: VehicleMode, step_s: number, ambient_degC: number): number {
    if (mode === "charging") return this.#charge_A(step_s);
    if (mode === "driving") return this.#drive_A(step_s, ambient_degC);
    const isWelded = this.#faults.some(
      ({ kind, onset_s }) => kind === "contactor-weld" && onset_s <= this.pack.elapsed_s,
    );
    return isWelded ? -weldedDraw_A : 0;
  }

  #drive_A(step_s: number, ambient_degC: number): number {
    const seconds = Math.max(1, Math.round(step_s));
    let power_W = 0;
    for (let second = 0; second < seconds; second++) {
      const motion = this.#speed?.next() ?? { speed: 0, acceleration: 0 };
      power_W += batteryPower_W({ vehicle: this.#vehicle, ...motion, ambient_degC });
    }
    const current_A = -power_W / seconds / this.pack.physics.terminal_V;
    const most_A = 3 * this.pack.capacity_Ah;
    // A full or cold pack takes nothing back.
    const least_A = this.pack.soc > 0.95 ? 0 : 0.6 * this.pack.capacity_Ah;
    return Math.max(-most_A, Math.min(least_A, current_A));
  }

  /** Constant current until the fullest cell reaches its end, then less and less. */
  #charge_A(step_s: number): number {
    let fullest_V = 0;
    for (const cell_V of this.pack.physics.voltage_V) if (cell_V > fullest_V) fullest_V = cell_V;
    const over_V = fullest_V - this.#options.preset.cell.chargeEnd_V;
    if (over_V > -0.003)
      this.#chargeRate *= Math.exp((-Math.min(step_s, 60) / 60) * (over_V > 0.003 ? 0.5 : 0.1));
    return this.#chargeRate * this.pack.capacity_Ah;
  }
}
