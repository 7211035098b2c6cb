import type { CellDifferences } from "../estimation/cell-differences.ts";
import type { PackSample } from "../pack-sample.ts";
import {
  cellVoltageAtRest_V,
  chargeAtRest,
  restSlope,
  type SimulatedCell,
} from "../simulation/simulated-cell.ts";
import { CellFilter } from "./cell-filter.ts";

export interface CellSuspicion {
  readonly cell: number;
  /** 1 is the alarm threshold. */
  readonly score: number;
  /** What the score rests on. */
  readonly evidence: CellEvidence;
}

/** A residual over seconds, minutes or half an hour; a steady leak; a reading that never changes. */
export type CellEvidence = "residual-8s" | "residual-2min" | "residual-30min" | "leak" | "stuck";

const residuals = ["residual-8s", "residual-2min", "residual-30min"] as const;
const nothing: CellSuspicion = { cell: 0, score: 0, evidence: "residual-8s" };

/** Residuals are averaged over these times: a hard short shows in seconds, a soft one in hours. */
const windows_s = [8, 120, 1800] as const;
/** What is left of a sound cell's residual after averaging, in V: at rest and as a share of the load. */
const floor_V = [0.001, 0.00045, 0.00035] as const;
const loadShare = [0.035, 0.02, 0.015] as const;
/** The middle cell's charge is known no better, which shows where the open-circuit curve bends. */
const chargeError = 0.0005;
/** Cells count as rested below this overpotential, V; a curve as steep above this, V per unit of charge. */
const rested_V = 0.0015;
const steep = 0.4;
const socTime_s = 1800;
/** More is not the estimate's fault but a cell's or a sensor's. */
const socErrorMax = 0.15;
/** σ of a single reading. */
const noise_V = 0.0016;
/** So many sigmas are an alarm; less is enough where noise is averaged away. */
const sigmas = [5, 5, 4.2] as const;
/** The score of an alarm that the next reading has to confirm. */
const unconfirmed = 0.99;
/** A sound cell loses 2 % a month, give or take 1 %: 4 mA of 150 Ah. The rest is a leak. */
const leakMin_A = 0.012;
const leakSigmas = 6;
const centreEvery_s = 1800;
/** The filter first has to learn what is usual for this pack. */
const learning_s = 1.5 * 86_400;
/** What a suspect cell still teaches: enough to clear a false alarm in days, too little to learn a fault. */
const suspectTrust = 0.1;
/** Before this the residuals are not judged either. */
const settling_s = 6 * 3600;
const stuckReadings = 40;
const reference_K = 298.15;
const zero_K = 273.15;
const holeMax_s = 3600;

/**
 * Watches every cell against the middle of its pack: what current, charge and temperature explain is
 * taken off, what stays is averaged over seconds, minutes and half an hour, and a steady loss of charge is
 * followed on its own. Causal; a cell that is suspect teaches the filter nothing more.
 * Cost: about 10 µs for 96 cells.
 */
export class CellWatch {
  readonly #cell: SimulatedCell;
  readonly #capacity_Ah: number;
  readonly #filter: CellFilter;
  readonly #residual_V: Float64Array;
  readonly #sorted_V: Float64Array;
  readonly #means_V: readonly Float64Array[];
  readonly #variance = new Float64Array(windows_s.length).fill(1);
  readonly #load_V = new Float64Array(windows_s.length);
  readonly #doubt_V = new Float64Array(windows_s.length);
  readonly #same: Uint16Array;
  readonly #leakScore: Float64Array;
  readonly #frozen: Uint8Array;
  readonly #over: Uint8Array;
  #last: PackSample | undefined;
  /** What the pack's own state of charge lacks, from rests. */
  #socError = 0;
  #fast = 0;
  #slow = 0;
  #elapsed_s = 0;
  #nextCentre_s = 0;

  /** Charges against the mean cell that are known before the first reading. */
  readonly #known: Float64Array | undefined;

  constructor(options: {
    cells: number;
    capacity_Ah: number;
    cell: SimulatedCell;
    charges?: Float64Array | undefined;
  }) {
    const { cells, capacity_Ah, cell, charges } = options;
    this.#known = charges?.length === cells ? charges : undefined;
    this.#cell = cell;
    this.#capacity_Ah = capacity_Ah;
    this.#filter = new CellFilter(cells, capacity_Ah);
    this.#residual_V = new Float64Array(cells);
    this.#sorted_V = new Float64Array(cells);
    this.#means_V = windows_s.map(() => new Float64Array(cells));
    this.#same = new Uint16Array(cells);
    this.#leakScore = new Float64Array(cells);
    this.#frozen = new Uint8Array(cells);
    this.#over = new Uint8Array(cells);
  }

  get differences(): CellDifferences {
    return this.#filter;
  }

  /** What the pack's own state of charge would be if it were right, as far as rests tell. */
  socOf(sample: PackSample): number {
    return sample.soc + this.#socError;
  }

  /** The most suspect cell now. */
  update(sample: PackSample): CellSuspicion {
    const last = this.#last;
    this.#last = sample;
    if (last === undefined) this.#start(sample);
    if (last === undefined || sample.cellVoltage_mV.length !== this.#residual_V.length) {
      return nothing;
    }
    const step_s = (sample.monotonic_ms - last.monotonic_ms) / 1000;
    if (!(step_s > 0 && step_s <= holeMax_s)) return nothing;
    this.#elapsed_s += step_s;
    const load_V = this.#predict(sample, step_s);
    if (Math.abs(load_V) < rested_V) this.#correctSoc(sample, load_V, step_s);
    const soc = this.socOf(sample);
    const warm = this.#findResiduals(sample, soc, load_V);
    const { ocv_V } = this.#cell;
    this.#filter.prepare({
      slopeAt: (offset) => restSlope(ocv_V, soc + offset),
      load_V: warm * load_V,
      step_s,
    });
    const bend = restSlope(ocv_V, soc + 0.02) - restSlope(ocv_V, soc - 0.02);
    this.#average(
      step_s,
      Math.abs(warm * load_V),
      this.#filter.doubt_V + chargeError * Math.abs(bend),
    );
    this.#followStuck(sample, last);
    const worst = this.#judge();
    for (let i = 0; i < this.#residual_V.length; i++) {
      this.#filter.correct(i, this.#residual_V[i] ?? 0, this.#frozen[i] === 0 ? 1 : suspectTrust);
    }
    if (this.#elapsed_s >= this.#nextCentre_s) {
      this.#nextCentre_s = this.#elapsed_s + centreEvery_s;
      this.#filter.centre((i) => this.#frozen[i] === 0);
      if (this.#elapsed_s >= learning_s) this.#findLeaks();
    }
    return worst;
  }

  /** The first reading already tells most of how the cells' charges differ, whatever the curve's bends. */
  #start(sample: PackSample): void {
    const { ocv_V, ohmicPerRate } = this.#cell;
    const load_V = (ohmicPerRate * sample.packCurrent_A) / this.#capacity_Ah;
    const charges = Float64Array.from(sample.cellVoltage_mV, (cell_mV) =>
      chargeAtRest(ocv_V, cell_mV / 1000 - load_V),
    );
    // The pack's own state of charge is that of the mean cell.
    const middle = charges.reduce((sum, charge) => sum + charge, 0) / charges.length;
    if (this.#cell.hysteresis_V === 0) this.#socError = middle - sample.soc;
    this.#filter.start(this.#known ?? charges.map((charge) => charge - middle));
  }

  /**
   * A pack's own state of charge is off by per cents, and then the curve's bends lie elsewhere than thought.
   * Rested cells tell it better, where the curve is steep and rests at one voltage only.
   */
  #correctSoc(sample: PackSample, load_V: number, step_s: number): void {
    const { ocv_V, hysteresis_V } = this.#cell;
    const known = this.socOf(sample);
    if (hysteresis_V > 0 || restSlope(ocv_V, known) < steep) return;
    let sum = 0;
    for (const cell_mV of sample.cellVoltage_mV)
      sum += chargeAtRest(ocv_V, cell_mV / 1000 - load_V);
    const open = sum / sample.cellVoltage_mV.length - known;
    if (Math.abs(open) > socErrorMax) return;
    this.#socError += (1 - Math.exp(-step_s / socTime_s)) * open;
  }

  /** The overpotential of a usual cell at 25 °C. */
  #predict(sample: PackSample, step_s: number): number {
    const { fastTime_s, slowTime_s, ohmicPerRate, fastPerRate, slowPerRate } = this.#cell;
    const rate = sample.packCurrent_A / this.#capacity_Ah;
    const fast = Math.exp(-step_s / fastTime_s);
    const slow = Math.exp(-step_s / slowTime_s);
    this.#fast = fast * this.#fast + (1 - fast) * rate;
    this.#slow = slow * this.#slow + (1 - slow) * rate;
    this.#filter.predict({ moved: (rate * step_s) / 3600, step_s });
    return ohmicPerRate * rate + fastPerRate * this.#fast + slowPerRate * this.#slow;
  }

  /**
   * What is left of each cell's voltage, less the middle of what is left. Gives the resistance that the
   * middle temperature makes, over that at 25 °C.
   */
  #findResiduals(sample: PackSample, soc: number, load_V: number): number {
    const { ocv_V, arrhenius_K } = this.#cell;
    const { states } = this.#filter;
    const { cellVoltage_mV, temperature_degC } = sample;
    const cells = cellVoltage_mV.length;
    const perSensor = cells / temperature_degC.length;
    let sensor = -1;
    let warm = 1;
    let warmSum = 0;
    for (let i = 0; i < cells; i++) {
      if (Math.floor(i / perSensor) !== sensor) {
        sensor = Math.floor(i / perSensor);
        const cell_K = Math.max(-40, Math.min(80, temperature_degC[sensor] ?? 25)) + zero_K;
        warm = Math.exp(arrhenius_K * (1 / cell_K - 1 / reference_K));
      }
      warmSum += warm;
      const at = 5 * i;
      const explained_V =
        cellVoltageAtRest_V(ocv_V, soc + (states[at] ?? 0)) +
        warm * (1 + (states[at + 2] ?? 0)) * load_V +
        (states[at + 3] ?? 0);
      this.#residual_V[i] = (cellVoltage_mV[i] ?? 0) / 1000 - explained_V;
    }
    this.#sorted_V.set(this.#residual_V);
    this.#sorted_V.sort();
    const middle_V = this.#sorted_V[cells >> 1] ?? 0;
    for (let i = 0; i < cells; i++) this.#residual_V[i] = (this.#residual_V[i] ?? 0) - middle_V;
    return warmSum / cells;
  }

  #average(step_s: number, load_V: number, doubt_V: number): void {
    windows_s.forEach((window_s, w) => {
      const share = 1 - Math.exp(-step_s / window_s);
      const means_V = this.#means_V[w] ?? this.#residual_V;
      for (let i = 0; i < means_V.length; i++) {
        means_V[i] = (means_V[i] ?? 0) + share * ((this.#residual_V[i] ?? 0) - (means_V[i] ?? 0));
      }
      this.#variance[w] = (1 - share) ** 2 * (this.#variance[w] ?? 0) + share ** 2;
      this.#load_V[w] = (this.#load_V[w] ?? 0) + share * (load_V - (this.#load_V[w] ?? 0));
      this.#doubt_V[w] = (this.#doubt_V[w] ?? 0) + share * (doubt_V - (this.#doubt_V[w] ?? 0));
    });
  }

  #followStuck(sample: PackSample, last: PackSample): void {
    for (let i = 0; i < this.#same.length; i++) {
      const isSame = sample.cellVoltage_mV[i] === last.cellVoltage_mV[i];
      this.#same[i] = isSame ? Math.min(60_000, (this.#same[i] ?? 0) + 1) : 0;
    }
  }

  #judge(): CellSuspicion {
    if (this.#elapsed_s < settling_s) return nothing;
    const limits_V = windows_s.map((_, w) => {
      const model_V = (floor_V[w] ?? 0) + (loadShare[w] ?? 0) * (this.#load_V[w] ?? 0);
      const doubt_V = this.#doubt_V[w] ?? 0;
      const noise = noise_V ** 2 * (this.#variance[w] ?? 1);
      return (sigmas[w] ?? 5) * Math.sqrt(noise + model_V ** 2 + doubt_V ** 2);
    });
    let worst = nothing;
    for (let i = 0; i < this.#same.length; i++) {
      const own = this.#judgeCell(i, limits_V);
      const isOver = own.score >= 1;
      // Two readings in a row: over a year of a hundred cells a single one is past five sigmas by chance.
      const score = isOver && this.#over[i] === 0 ? unconfirmed : own.score;
      this.#over[i] = isOver ? 1 : 0;
      // A leak is what the filter follows; anything else it must not learn.
      this.#frozen[i] = isOver && own.evidence !== "leak" ? 1 : 0;
      if (score > worst.score) worst = { ...own, score };
    }
    return worst;
  }

  #judgeCell(cell: number, limits_V: readonly number[]): CellSuspicion {
    let score = this.#leakScore[cell] ?? 0;
    let evidence: CellEvidence = "leak";
    const stuck = (this.#same[cell] ?? 0) / stuckReadings;
    if (stuck > score) {
      score = stuck;
      evidence = "stuck";
    }
    for (let w = 0; w < limits_V.length; w++) {
      const own = Math.abs(this.#means_V[w]?.[cell] ?? 0) / (limits_V[w] ?? 1);
      if (own > score) {
        score = own;
        evidence = residuals[w] ?? evidence;
      }
    }
    return { cell, score, evidence };
  }

  #findLeaks(): void {
    for (let i = 0; i < this.#sorted_V.length; i++) this.#sorted_V[i] = this.#filter.leak_A(i);
    this.#sorted_V.sort();
    const middle_A = this.#sorted_V[this.#sorted_V.length >> 1] ?? 0;
    const least_A = (leakMin_A * this.#capacity_Ah) / 150;
    const limit_A = Math.max(least_A, leakSigmas * this.#filter.leakSigma_A);
    for (let i = 0; i < this.#leakScore.length; i++) {
      // Only a loss is a leak; a gain is another cell's model error.
      this.#leakScore[i] = Math.max(0, this.#filter.leak_A(i) - middle_A) / limit_A;
    }
  }
}
