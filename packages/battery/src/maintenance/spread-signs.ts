import { chargeAtRest, restSlope } from "../simulation/simulated-cell.ts";
import type { PackDescription } from "./day-readings.ts";
import type { RowStep } from "./row-steps.ts";

/** What a day before keeps of older days. */
const keptPerDay = 0.93;
/** The outermost of a hundred sound sensors is off by about this (2 mV for life and 1.5 mV of noise). */
const sensor_V = 0.0045;
/** In C: less current parts no cells. */
const loadRate = 0.1;
/** Slope of an open-circuit curve below which a voltage says nothing of a charge, V per unit. */
const slopeMin_V = 0.25;
/** Days over which a leak is told. */
const leakMemory_d = 14;

/** Sums of one line of cell deviation over rested charge, the newest counting most. */
interface LineSums {
  weight: number;
  x: number;
  xx: number;
  y: number;
  xy: number;
}

/**
 * How the outermost cells part from the mean one: at rest over the charge, which tells leak and imbalance (all
 * charges alike) from a weak cell (more the emptier), and per C of current, which tells a joint. State is
 * `saved` from day to day. Cost: a few divisions per row.
 */
export class SpreadSigns {
  readonly #pack: PackDescription;
  readonly #low: LineSums;
  readonly #high: LineSums;
  /** Load: Σx², Σxy; temperature spread: Σ1, Σy; slow and fast means of the low cell. */
  readonly #load: { xx: number; xy: number; spread_K: number; count: number };
  #slowLow: number;
  #days: number;
  readonly #rested_mV: number[] = [];
  #dayLoad = { sum_K: 0, count: 0 };

  constructor(pack: PackDescription, saved: readonly number[]) {
    this.#pack = pack;
    this.#low = lineOf(saved.slice(0, 5));
    this.#high = lineOf(saved.slice(5, 10));
    const [xx = 0, xy = 0, spread_K = 0, count = 0, slowLow = 0, days = 0] = saved.slice(10);
    this.#load = { xx, xy, spread_K, count };
    this.#slowLow = slowLow;
    this.#days = days;
  }

  get saved(): readonly number[] {
    const { xx, xy, spread_K, count } = this.#load;
    return [
      ...Object.values(this.#low),
      ...Object.values(this.#high),
      ...[xx, xy, spread_K, count, this.#slowLow, this.#days],
    ];
  }

  /** Greatest minus least cell at rest today, the middle of all rests; null without one. */
  get imbalance_mV(): number | null {
    const sorted = [...this.#rested_mV].sort((left, right) => left - right);
    return sorted[sorted.length >> 1] ?? null;
  }

  /** Mean of today while current flows; null without any. */
  get temperatureSpread_K(): number | null {
    const { sum_K, count } = this.#dayLoad;
    return count === 0 ? null : sum_K / count;
  }

  /** Null until the pack has rested at all. */
  get signs(): {
    readonly lowCell: number;
    readonly highCell: number;
    readonly loadSpread_V: number;
    readonly temperatureSpread_K: number;
    readonly leak: number;
  } | null {
    if (this.#low.weight < 1) return null;
    const { xx, xy, spread_K, count } = this.#load;
    const now = Math.max(0, at(this.#low, 0));
    return {
      lowCell: now,
      highCell: Math.max(0, at(this.#high, 1)),
      // A tenth of a volt per C is a usual cell, so a thousandth of a squared C keeps the start at nothing.
      loadSpread_V: xy / (xx + 0.001),
      temperatureSpread_K: count > 0 ? spread_K / count : 0,
      leak: (meanOf(this.#low) - this.#slowLow) / leakMemory_d,
    };
  }

  follow(rests: readonly { readonly soc: number; readonly step: RowStep }[]): void {
    for (const line of [this.#low, this.#high]) fade(line);
    for (const { soc, step } of rests) this.#rest(soc, step);
    this.#days++;
    const pace = Math.max(1 / leakMemory_d, 1 / this.#days);
    this.#slowLow += pace * (meanOf(this.#low) - this.#slowLow);
  }

  /** Takes every joined step with current. */
  load(steps: readonly RowStep[]): void {
    const load = this.#load;
    load.xx *= keptPerDay;
    load.xy *= keptPerDay;
    load.spread_K *= keptPerDay;
    load.count *= keptPerDay;
    for (const { row, isJoined } of steps) {
      const rate = row.current_A / this.#pack.capacity_Ah;
      if (!isJoined || Math.abs(rate) < loadRate) continue;
      const spread_K = row.hottest_degC - row.coldest_degC;
      load.spread_K += spread_K;
      load.count++;
      this.#dayLoad.sum_K += spread_K;
      this.#dayLoad.count++;
      const apart_V = rate > 0 ? row.most_V - row.mean_V : row.mean_V - row.least_V;
      const soc = Number.isFinite(row.soc) ? row.soc : 0.5;
      const slope = Math.max(slopeMin_V, restSlope(this.#pack.cell.ocv_V, soc));
      const atRest = rate > 0 ? at(this.#high, soc) : at(this.#low, soc);
      const rested_V = Math.hypot(Math.max(0, atRest) * slope, sensor_V);
      load.xx += rate * rate;
      load.xy += Math.abs(rate) * Math.max(0, apart_V - rested_V);
    }
  }

  #rest(soc: number, { row }: RowStep): void {
    this.#rested_mV.push((row.most_V - row.least_V) * 1000);
    const { ocv_V } = this.#pack.cell;
    if (restSlope(ocv_V, soc) < slopeMin_V) return;
    // By the curve itself: a weak cell is far down a bent slope.
    const low_V = apart(row.mean_V - row.least_V);
    const high_V = apart(row.most_V - row.mean_V);
    add(this.#low, soc, Math.max(0, soc - chargeAtRest(ocv_V, row.mean_V - low_V)));
    add(this.#high, soc, Math.max(0, chargeAtRest(ocv_V, row.mean_V + high_V) - soc));
  }
}

/** What of a deviation is more than the sensors'. */
function apart(deviation_V: number): number {
  return Math.sqrt(Math.max(0, deviation_V ** 2 - sensor_V ** 2));
}

function lineOf(list: readonly number[]): LineSums {
  const [weight = 0, x = 0, xx = 0, y = 0, xy = 0] = list;
  return { weight, x, xx, y, xy };
}

function fade(line: LineSums): void {
  line.weight *= keptPerDay;
  line.x *= keptPerDay;
  line.xx *= keptPerDay;
  line.y *= keptPerDay;
  line.xy *= keptPerDay;
}

function add(line: LineSums, soc: number, apartBy: number): void {
  line.weight++;
  line.x += soc;
  line.xx += soc * soc;
  line.y += apartBy;
  line.xy += soc * apartBy;
}

function meanOf({ weight, y }: LineSums): number {
  return weight > 0 ? y / weight : 0;
}

/** The line at a charge; flat where the charges seen are too alike to tell a slope. */
function at({ weight, x, xx, y, xy }: LineSums, soc: number): number {
  if (weight <= 0) return 0;
  const [middle, mean] = [x / weight, y / weight];
  // As if a tenth of the rests had been seen 20 % of charge to either side, all alike.
  const spread = xx / weight - middle * middle + 0.004;
  const slope = (xy / weight - middle * mean) / spread;
  return mean + slope * (soc - middle);
}
