import type { PackSample } from "../pack-sample.ts";
import {
  cellVoltageAtRest_V,
  restSlope,
  type SimulatedCell,
} from "../simulation/simulated-cell.ts";

/** What a vehicle says beside its battery sample; absent fields are not judged. */
export interface VehicleState {
  /** The contactors are told to be open. */
  readonly isParked: boolean;
  readonly insulation_Ohm?: number;
  /** Samples that the sequence numbers say are missing before this one. */
  readonly missed?: number;
}

const parkedWindow_s = 120;
/** The sensor is off by 0.1 A for life, and rounds to 0.1 A. */
const parkedMax_A = 0.35;
const loadWindow_s = 30;
/** Between the cells' mean voltage and the model: at rest, and per V of modelled load. */
const modelError_V = 0.045;
const modelShare = 0.5;
const chargeError = 0.01;
/** ISO 6469-3 asks for 100 Ω/V; five times that leaves time to act. */
const insulationPerVolt_Ohm = 500;
const insulationWindow_s = 30;
const lossWindow = 100;
const lossMax = 0.05;
const clockMax_ms = 2000;

/** What can be wrong beside the cells; each with a score, of which 1 is an alarm. */
export interface LineScores {
  readonly currentScore: number;
  readonly insulation: number;
  readonly loss: number;
  readonly clock: number;
}

/** Watches current sensor and contactors, insulation, missing samples and the vehicle's clock. */
export class LineWatch {
  readonly #cell: SimulatedCell;
  readonly #capacity_Ah: number;
  #last: PackSample | undefined;
  #parked_A = 0;
  #load_V = 0;
  #fast = 0;
  #slow = 0;
  #insulation_Ohm: number | undefined;
  #lost = 0;
  #clock_ms: number | undefined;

  constructor(options: { cell: SimulatedCell; capacity_Ah: number }) {
    this.#cell = options.cell;
    this.#capacity_Ah = options.capacity_Ah;
  }

  update(sample: PackSample, state: VehicleState): LineScores {
    const step_s = (sample.monotonic_ms - (this.#last?.monotonic_ms ?? sample.monotonic_ms)) / 1000;
    this.#last = sample;
    return {
      currentScore: Math.max(
        this.#parkedCurrent(sample, state, step_s),
        this.#loadCurrent(sample, step_s),
      ),
      insulation: this.#insulation(sample, state, step_s),
      loss: this.#loss(state),
      clock: this.#clock(sample),
    };
  }

  #parkedCurrent(sample: PackSample, state: VehicleState, step_s: number): number {
    if (!state.isParked) {
      this.#parked_A = 0;
      return 0;
    }
    this.#parked_A +=
      (1 - Math.exp(-step_s / parkedWindow_s)) * (sample.packCurrent_A - this.#parked_A);
    return Math.abs(this.#parked_A) / parkedMax_A;
  }

  /** The cells' mean must answer the current as the model says. */
  #loadCurrent(sample: PackSample, step_s: number): number {
    if (!(step_s > 0 && step_s <= 3600)) return 0;
    const { ocv_V, fastTime_s, slowTime_s, ohmicPerRate, fastPerRate, slowPerRate } = this.#cell;
    const rate = sample.packCurrent_A / this.#capacity_Ah;
    const fast = Math.exp(-step_s / fastTime_s);
    const slow = Math.exp(-step_s / slowTime_s);
    this.#fast = fast * this.#fast + (1 - fast) * rate;
    this.#slow = slow * this.#slow + (1 - slow) * rate;
    const load_V = ohmicPerRate * rate + fastPerRate * this.#fast + slowPerRate * this.#slow;
    const rest_V = cellVoltageAtRest_V(ocv_V, sample.soc);
    const share = 1 - Math.exp(-step_s / loadWindow_s);
    // Cold cells have up to three times the resistance, so only what that leaves open counts.
    const residual_V = meanCell_V(sample) - rest_V - load_V;
    const excused_V = modelShare * Math.abs(load_V) + restSlope(ocv_V, sample.soc) * chargeError;
    const open_V = Math.sign(residual_V) * Math.max(0, Math.abs(residual_V) - excused_V);
    this.#load_V += share * (open_V - this.#load_V);
    return Math.abs(this.#load_V) / modelError_V;
  }

  #insulation(sample: PackSample, { insulation_Ohm }: VehicleState, step_s: number): number {
    if (insulation_Ohm === undefined) return 0;
    const before_Ohm = this.#insulation_Ohm ?? insulation_Ohm;
    const share = 1 - Math.exp(-step_s / insulationWindow_s);
    const now_Ohm = before_Ohm + share * (insulation_Ohm - before_Ohm);
    this.#insulation_Ohm = now_Ohm;
    return (insulationPerVolt_Ohm * sample.packVoltage_V) / Math.max(1, now_Ohm);
  }

  #loss({ missed }: VehicleState): number {
    if (missed === undefined) return 0;
    for (let i = 0; i < Math.min(missed, lossWindow); i++)
      this.#lost += (1 - this.#lost) / lossWindow;
    this.#lost -= this.#lost / lossWindow;
    return this.#lost / lossMax;
  }

  #clock(sample: PackSample): number {
    const ahead_ms = sample.wall_ms - sample.monotonic_ms;
    this.#clock_ms ??= ahead_ms;
    return Math.abs(ahead_ms - this.#clock_ms) / clockMax_ms;
  }
}

function meanCell_V(sample: PackSample): number {
  let sum_mV = 0;
  for (const cell_mV of sample.cellVoltage_mV) sum_mV += cell_mV;
  return sum_mV / sample.cellVoltage_mV.length / 1000;
}
