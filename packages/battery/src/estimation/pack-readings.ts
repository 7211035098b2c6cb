import {
  type Movable,
  orNull,
  packNumbers,
  type SavedState,
  type StateReader,
  savedNumber,
} from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";

/** A cell voltage outside of this is no cell voltage. */
const plausible_mV = { low: 500, high: 5000 };
const plausible_degC = { low: -60, high: 150 };
/** A change of current that every cell's voltage must answer, in C. */
const tellingRate = 0.2;
/** So many telling changes without an answer, one after the other, and a voltage counts as stuck. */
const stuckAfter = 5;
/** Forgetting of the sums that tell the current's sign, per telling change. */
const kept = 0.98;
/** Squared C of change that must have been seen before the sign is judged. */
const enoughChange = 1;

/** What one reading's sensors are good for. */
export const sensorCauses = [
  "voltage-invalid",
  "temperature-invalid",
  "voltage-stuck",
  "current-reversed",
] as const;
export type SensorCause = (typeof sensorCauses)[number];

/**
 * Turns a pack's readings into what a filter may be given: a voltage that is impossible or stuck becomes
 * NaN (the cell goes on by its current), a temperature that is impossible becomes the last sound one, or
 * 25 °C. A current whose rises lower the cells' voltage counts with the wrong sign.
 */
export class PackReadings implements Movable {
  readonly voltage_V: Float64Array;
  readonly temperature_degC: Float64Array;
  readonly #capacity_Ah: number;
  readonly #last_mV: Float64Array;
  readonly #unanswered: Uint8Array;
  // Since the last mean: sum and number of each cell's sound voltages.
  readonly #sum_V: Float64Array;
  readonly #sound: Float64Array;
  #last_A = Number.NaN;
  #answer = 0;
  #change = 0;

  constructor(o: { cells: number; sensors: number; capacity_Ah: number }) {
    this.voltage_V = new Float64Array(o.cells);
    this.temperature_degC = new Float64Array(Math.max(1, o.sensors)).fill(25);
    this.#capacity_Ah = o.capacity_Ah;
    this.#last_mV = new Float64Array(o.cells).fill(Number.NaN);
    this.#unanswered = new Uint8Array(o.cells);
    this.#sum_V = new Float64Array(o.cells);
    this.#sound = new Float64Array(o.cells);
  }

  /** Takes a sample with as many cells and sensors as at the start and a finite current. */
  take(sample: PackSample): SensorCause | undefined {
    const isCold = this.#takeTemperatures(sample.temperature_degC);
    const cause = this.#takeVoltages(sample);
    if (cause !== undefined) return cause;
    return isCold ? "temperature-invalid" : undefined;
  }

  /** Puts the mean voltages since the last call into `voltage_V`: NaN for a cell with no sound one. */
  average(): void {
    for (let cell = 0; cell < this.voltage_V.length; cell++) {
      this.voltage_V[cell] = (this.#sum_V[cell] as number) / (this.#sound[cell] as number);
    }
    this.#sum_V.fill(0);
    this.#sound.fill(0);
  }

  /** `voltage_V` is no part of it: `average` fills it anew. */
  save(): SavedState {
    return {
      temperature_degC: packNumbers(this.temperature_degC),
      last_mV: packNumbers(this.#last_mV),
      unanswered: packNumbers(this.#unanswered),
      sum_V: packNumbers(this.#sum_V),
      sound: packNumbers(this.#sound),
      last_A: orNull(this.#last_A),
      answer: this.#answer,
      change: this.#change,
    };
  }

  restore(from: StateReader): void {
    const { length } = this.voltage_V;
    const sensors = { min: -60, max: 150, length: this.temperature_degC.length };
    this.temperature_degC.set(from.numbers("temperature_degC", sensors));
    this.#last_mV.set(from.numbers("last_mV", { min: 0, max: 65_535, length, mayBeNaN: true }));
    this.#unanswered.set(from.numbers("unanswered", { min: 0, max: stuckAfter, length }));
    this.#sum_V.set(from.numbers("sum_V", { min: 0, max: 1e9, length }));
    this.#sound.set(from.numbers("sound", { min: 0, max: 1e9, length }));
    this.#last_A = from.maybe("last_A", savedNumber) ?? Number.NaN;
    this.#answer = from.number("answer", savedNumber);
    this.#change = from.number("change", savedNumber);
    from.end();
  }

  #takeTemperatures(measured_degC: Float32Array): boolean {
    let isInvalid = measured_degC.length === 0;
    for (const [i, value_degC] of measured_degC.entries()) {
      if (value_degC >= plausible_degC.low && value_degC <= plausible_degC.high) {
        this.temperature_degC[i] = value_degC;
      } else isInvalid = true;
    }
    return isInvalid;
  }

  #takeVoltages({ cellVoltage_mV, packCurrent_A }: PackSample): SensorCause | undefined {
    const rate = (packCurrent_A - this.#last_A) / this.#capacity_Ah;
    const isTelling = Math.abs(rate) >= tellingRate;
    this.#last_A = packCurrent_A;
    let [rise_V, answered, isInvalid, isStuck] = [0, 0, false, false];
    for (const [cell, cell_mV] of cellVoltage_mV.entries()) {
      const rise_mV = this.#rise_mV(cell, { cell_mV, isTelling });
      const isPossible = cell_mV >= plausible_mV.low && cell_mV <= plausible_mV.high;
      const hasStuck = (this.#unanswered[cell] as number) >= stuckAfter;
      isInvalid ||= !isPossible;
      isStuck ||= hasStuck;
      if (!isPossible || hasStuck) continue;
      this.#sum_V[cell] = (this.#sum_V[cell] as number) + cell_mV / 1000;
      this.#sound[cell] = (this.#sound[cell] as number) + 1;
      if (!Number.isFinite(rise_mV)) continue;
      rise_V += rise_mV / 1000;
      answered++;
    }
    if (isTelling && answered > 0) {
      this.#answer = kept * this.#answer + (rate * rise_V) / answered;
      this.#change = kept * this.#change + rate * rate;
    }
    if (this.#change >= enoughChange && this.#answer < 0) return "current-reversed";
    if (isInvalid) return "voltage-invalid";
    return isStuck ? "voltage-stuck" : undefined;
  }

  /** How far a voltage rose; NaN where that says nothing: a sensor that comes back jumps, which answers no current. */
  #rise_mV(cell: number, o: { cell_mV: number; isTelling: boolean }): number {
    const { cell_mV } = o;
    const isPossible = cell_mV >= plausible_mV.low && cell_mV <= plausible_mV.high;
    const rise_mV = cell_mV - (this.#last_mV[cell] as number);
    const wasStuck = (this.#unanswered[cell] as number) >= stuckAfter;
    this.#last_mV[cell] = isPossible ? cell_mV : Number.NaN;
    if (o.isTelling) this.#countUnanswered(cell, rise_mV);
    return wasStuck || !isPossible ? Number.NaN : rise_mV;
  }

  #countUnanswered(cell: number, rise_mV: number): void {
    const count = this.#unanswered[cell] as number;
    this.#unanswered[cell] = rise_mV === 0 ? Math.min(stuckAfter, count + 1) : 0;
  }
}
