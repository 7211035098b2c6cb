import {
  assert,
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedNumber,
  savedTime_ms,
} from "@voltfog/runtime";
import type { CellParameters } from "../cell/cell-parameters.ts";
import type { PackSample } from "../pack-sample.ts";
import {
  readingTime_ms,
  type SocEstimate,
  type SocEstimator,
  type SuspectCause,
} from "../soc-estimator.ts";
import { CellFilterBank } from "./cell-filter.ts";
import { chargeFromRest } from "./charge-from-rest.ts";
import { longestStep_s } from "./longest-step.ts";
import { PackReadings } from "./pack-readings.ts";

export interface KalmanSocEstimatorOptions {
  /** Of the cell type whose voltages the pack shows. */
  readonly parameters: CellParameters;
  /** Of the pack; its resistances are taken as those of as many cells in parallel. */
  readonly capacity_Ah: number;
  /** What an earlier estimator left; ignored where the pack has another number of cells. */
  readonly start?: SavedCharge;
}

/** The charge of a pack's cells, to go on from after a restart. */
export interface SavedCharge {
  readonly soc: Float64Array;
  /** Standard deviation. */
  readonly sigma: number;
  readonly wall_ms: number;
}

/** The filter's tuning holds for one correction a second; faster readings are averaged. */
const stepMin_ms = 1000;
/** No pack's current is above this many C. */
const rateMax = 50;
const sigmaMax = 0.5;
/**
 * σ of what the model misses of a pack's charge, for long: a pack's cells differ from the recorded one, whose own
 * model error is 0.006. Two open-circuit curves of the LG cell, from C/20 and from drives, differ by up to this.
 */
export const packModelSigma = 0.02;
/** Half-width of 95 % of a normal distribution. */
const interval95 = 1.96;

interface Pack {
  readonly bank: CellFilterBank;
  readonly readings: PackReadings;
  readonly cells: number;
  readonly sensors: number;
}

/**
 * A Kalman filter per cell behind the pack's one interface. The value is the mean over cells; the lowest
 * and the highest cell stand beside it. A gap or a clock that ran back keeps the mean and widens it; a
 * changed number of cells starts anew.
 * Cost: about 0.5 µs per cell and second, whatever the rate of readings.
 */
export class KalmanSocEstimator implements SocEstimator, Movable {
  readonly name = "kalman-filter";
  readonly version = "1";
  readonly #parameters: CellParameters;
  readonly #scale: number;
  readonly #capacity_Ah: number;
  readonly #start: SavedCharge | undefined;
  #pack: Pack | undefined;
  #soc: number | undefined;
  #sigma = 1;
  #capacityFactor = 1;
  #lowest = 0;
  #highest = 1;
  #last:
    | { readonly wall_ms: number; readonly monotonic_ms: number; readonly rate: number }
    | undefined;
  // Since the last correction: charge in A·ms and the time that it took.
  #charge = 0;
  #pending_ms = 0;

  constructor({ parameters, capacity_Ah, start }: KalmanSocEstimatorOptions) {
    assert(capacity_Ah > 0 && Number.isFinite(capacity_Ah), "a pack has a capacity");
    this.#parameters = parameters;
    this.#capacity_Ah = capacity_Ah;
    this.#start = start;
    this.#scale = parameters.capacity_Ah / capacity_Ah;
  }

  /** State of charge of the cell that has least, and of the one that has most; 0 and 1 while unknown. */
  get cellRange(): { readonly lowest: number; readonly highest: number } {
    return { lowest: this.#lowest, highest: this.#highest };
  }

  /** The filters of the cells, read only; another object after a gap or a change of the pack. */
  get bank(): CellFilterBank | undefined {
    return this.#pack?.bank;
  }

  /** Standard deviation of the mean charge, by the filter alone. */
  get sigma(): number {
    return this.#sigma;
  }

  /** Counts from now on with another capacity of all cells, over nominal, as a capacity filter found it. */
  useCapacity(factor: number): void {
    assert(factor > 0.2 && factor < 2, "a capacity factor is near 1");
    this.#capacityFactor = factor;
    this.#pack?.bank.useCapacity(factor * this.#parameters.capacity_Ah);
  }

  /** What a later estimator may start from; undefined while nothing is known. */
  get saved(): SavedCharge | undefined {
    const soc = this.#cellSoc();
    if (soc === undefined) return undefined;
    const wall_ms = this.#last?.wall_ms ?? 0;
    return { soc, sigma: this.#sigma, wall_ms: Number.isFinite(wall_ms) ? wall_ms : 0 };
  }

  update(sample: PackSample): SocEstimate {
    const suspect = this.#advance(sample);
    const halfWidth = interval95 * Math.hypot(this.#sigma, packModelSigma);
    const soc = this.#soc;
    return {
      soc,
      low: soc === undefined ? 0 : Math.max(0, soc - halfWidth),
      high: soc === undefined ? 1 : Math.min(1, soc + halfWidth),
      estimator: this.name,
      version: this.version,
      at_ms: readingTime_ms(sample),
      suspect,
    };
  }

  save(): SavedState {
    const pack = this.#pack;
    return {
      pack:
        pack === undefined
          ? null
          : {
              cells: pack.cells,
              sensors: pack.sensors,
              bank: pack.bank.save(),
              readings: pack.readings.save(),
            },
      soc: orNull(this.#soc),
      sigma: this.#sigma,
      capacityFactor: this.#capacityFactor,
      lowest: this.#lowest,
      highest: this.#highest,
      last: this.#last === undefined ? null : { ...this.#last },
      charge: this.#charge,
      pending_ms: this.#pending_ms,
    };
  }

  restore(from: StateReader): void {
    const share = { min: 0, max: 1 };
    const pack = from.maybeObject("pack");
    this.#pack = pack && this.#restorePack(pack);
    this.#soc = from.maybe("soc", share);
    this.#sigma = from.number("sigma", { min: 0, max: 1e3 });
    this.#capacityFactor = from.number("capacityFactor", { min: 0.2, max: 2 });
    this.#lowest = from.number("lowest", share);
    this.#highest = from.number("highest", share);
    const last = from.maybeObject("last");
    this.#last = last && {
      wall_ms: last.number("wall_ms", savedTime_ms),
      monotonic_ms: last.number("monotonic_ms", savedTime_ms),
      rate: last.number("rate", savedNumber),
    };
    last?.end();
    this.#charge = from.number("charge", savedNumber);
    this.#pending_ms = from.number("pending_ms", savedTime_ms);
    from.end();
  }

  #restorePack(from: StateReader): Pack {
    const cells = from.whole("cells", { min: 1, max: 1024 });
    const sensors = from.whole("sensors", { min: 0, max: 256 });
    const bank = new CellFilterBank({ parameters: this.#parameters, cells, soc: 0, socSigma: 1 });
    bank.restore(from.object("bank"));
    const readings = new PackReadings({ cells, sensors, capacity_Ah: this.#capacity_Ah });
    readings.restore(from.object("readings"));
    from.end();
    return { bank, readings, cells, sensors };
  }

  #advance(sample: PackSample): SuspectCause | undefined {
    const { wall_ms, monotonic_ms, packCurrent_A } = sample;
    const cells = sample.cellVoltage_mV.length;
    const sensors = sample.temperature_degC.length;
    const before = this.#pack;
    if (cells === 0) return "no-estimate";
    if (!Number.isFinite(monotonic_ms)) return "time-invalid";
    // Also true of NaN.
    if (!(Math.abs(packCurrent_A) <= rateMax * this.#capacity_Ah)) return "current-invalid";
    const isChanged = before !== undefined && before.cells !== cells;
    if (before === undefined) this.#resume(sample);
    else if (isChanged) this.#begin(sample);
    else if (before.sensors !== sensors) this.#begin(sample, this.#sigma, this.#cellSoc());
    const time = this.#takeTime({ wall_ms, monotonic_ms, sample });
    const pack = this.#pack;
    if (pack === undefined) return "no-estimate";
    const sensor = this.#follow(pack, sample);
    return isChanged ? "cell-count-changed" : (time ?? sensor);
  }

  /** Goes on from what was saved, which has aged by the wall clock alone. */
  #resume(sample: PackSample): void {
    const start = this.#start;
    if (start === undefined || start.soc.length !== sample.cellVoltage_mV.length) {
      this.#begin(sample);
      return;
    }
    const missed = (sample.wall_ms - start.wall_ms) / 3_600_000;
    this.#begin(sample, Math.hypot(start.sigma, missed >= 0 ? missed : 1), start.soc);
  }

  #cellSoc(): Float64Array | undefined {
    const bank = this.#pack?.bank;
    return bank && Float64Array.from({ length: bank.cells }, (_, cell) => bank.soc(cell));
  }

  #takeTime(now: {
    wall_ms: number;
    monotonic_ms: number;
    sample: PackSample;
  }): SuspectCause | undefined {
    const last = this.#last;
    const { wall_ms, monotonic_ms, sample } = now;
    const rate = sample.packCurrent_A / this.#capacity_Ah;
    this.#last = { wall_ms, monotonic_ms, rate };
    if (last === undefined) return undefined;
    const step_ms = monotonic_ms - last.monotonic_ms;
    if (step_ms < 0 || step_ms > 1000 * longestStep_s({ lastRate: last.rate, rate })) {
      // After a restart only the wall clock can say how long nothing was counted.
      const missed_ms = step_ms < 0 ? now.wall_ms - last.wall_ms : step_ms;
      const missed = Number.isFinite(missed_ms) ? Math.max(0, missed_ms) / 3_600_000 : 1;
      this.#begin(sample, Math.hypot(this.#sigma, missed), this.#cellSoc());
      this.#last = { wall_ms, monotonic_ms, rate };
      return step_ms < 0 ? "time-ran-back" : "samples-missing";
    }
    // A reading's current stands for the time before it, so that current and voltage are means of the same readings.
    this.#charge += sample.packCurrent_A * step_ms;
    this.#pending_ms += step_ms;
    return undefined;
  }

  /** From what is known with its doubt, else from the voltages, taken as rested. */
  #begin(sample: PackSample, knownSigma?: number, known?: Float64Array): void {
    const cells = sample.cellVoltage_mV.length;
    const sensors = sample.temperature_degC.length;
    const start = chargeFromRest(this.#parameters, middleVoltage_V(sample));
    const soc = known ?? new Float64Array(cells).fill(start.soc);
    this.#sigma = Math.min(sigmaMax, knownSigma ?? start.sigma);
    this.#charge = 0;
    this.#pending_ms = 0;
    this.#last = undefined;
    const socSigma = this.#sigma;
    const bank = new CellFilterBank({ parameters: this.#parameters, cells, soc, socSigma });
    if (this.#capacityFactor !== 1) {
      bank.useCapacity(this.#capacityFactor * this.#parameters.capacity_Ah);
    }
    this.#pack = {
      bank,
      readings: new PackReadings({ cells, sensors, capacity_Ah: this.#capacity_Ah }),
      cells,
      sensors,
    };
    this.#read(bank);
  }

  /** Corrects the filter when a second has passed; until then the last value stands. */
  #follow({ bank, readings }: Pack, sample: PackSample): SuspectCause | undefined {
    const cause = readings.take(sample);
    if (this.#pending_ms < stepMin_ms) return cause;
    const mean_A = this.#charge / this.#pending_ms;
    readings.average();
    bank.step({
      step_s: this.#pending_ms / 1000,
      current_A: mean_A * this.#scale,
      voltage_V: readings.voltage_V,
      temperature_degC: readings.temperature_degC,
    });
    this.#charge = 0;
    this.#pending_ms = 0;
    this.#read(bank);
    return cause;
  }

  #read(bank: CellFilterBank): void {
    let [sum, variance, lowest, highest] = [0, 0, 1, 0];
    for (let cell = 0; cell < bank.cells; cell++) {
      const soc = bank.soc(cell);
      sum += soc;
      variance += bank.socSigma(cell) ** 2;
      lowest = Math.min(lowest, soc);
      highest = Math.max(highest, soc);
    }
    this.#soc = sum / bank.cells;
    // Cells share the sensor of the current and the model, so their errors do not average out.
    this.#sigma = Math.sqrt(variance / bank.cells);
    this.#lowest = lowest;
    this.#highest = highest;
  }
}

/** Of the middle cell, so that one dead sensor does not decide the start. */
function middleVoltage_V({ cellVoltage_mV }: PackSample): number {
  const sorted = Float64Array.from(cellVoltage_mV).sort();
  return (sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000;
}
