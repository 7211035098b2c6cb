import {
  type Movable,
  orNull,
  packNumbers,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { type BalancingRule, restCurrent_A } from "./balancing-rule.ts";
import { ImbalanceFilter } from "./imbalance-filter.ts";

export interface ChargeLedgerOptions {
  readonly cells: number;
  readonly capacity_Ah: number;
  /** Open-circuit voltage of the cell type at evenly spaced charges from 0 to 1. */
  readonly ocv_V: Float64Array;
  /** σ of one cell reading. */
  readonly noise_mV: number;
  /** What a bled cell loses at a voltage: V / bleed_Ohm; or, with converters, a fixed current. */
  readonly bleed_Ohm: number;
  /** With converters: cells below the middle are given to. */
  readonly transfer_A?: number;
}

/** Rest that settles a cell: three time constants of its slow overpotential. */
const settle_ms = 900_000;
/** Samples whose mean is one measurement. */
const meanSamples = 30;
/** A measurement each half hour of rest; more would only repeat the sensors' offsets. */
const between_ms = 1_800_000;
/** Bleeding begins above so many σ of the estimate … */
const deadbandSigmas = 3;
/** … and never for less than this share of capacity, which no driver would notice. */
const deadbandMin = 0.008;
/** It stops this far above the lowest cell: the last of the spread costs most and brings least. */
const stopShare = 0.0065;

/**
 * The balancing rule of Voltfog: each cell has an account of the charge it holds beyond the lowest. What
 * is bled is booked at once; rests correct the accounts through a filter that tells charge from capacity
 * and from sensor offset. So cells are bled at any time, also while driving, and noise starts nothing.
 */
export class ChargeLedger implements BalancingRule, Movable {
  readonly name: string;
  readonly #options: ChargeLedgerOptions;
  readonly #filter: ImbalanceFilter;
  readonly #sum_mV: Float64Array;
  readonly #actions: Int8Array;
  #samples = 0;
  #restSince_ms: number | undefined;
  #measured_ms = Number.NEGATIVE_INFINITY;
  #last_ms: number | undefined;

  constructor(options: ChargeLedgerOptions) {
    this.#options = options;
    this.name = options.transfer_A === undefined ? "charge-ledger" : "charge-ledger-active";
    this.#filter = new ImbalanceFilter(options);
    this.#sum_mV = new Float64Array(options.cells);
    this.#actions = new Int8Array(options.cells);
  }

  /** Charge of each cell beyond the mean when the pack is full, as a share of capacity, and its σ. */
  get imbalance(): { readonly excess: Float64Array; readonly sigma: number } {
    return this.#filter;
  }

  update(sample: PackSample): Int8Array {
    if (sample.cellVoltage_mV.length !== this.#actions.length) return this.#actions.fill(0);
    this.#book(sample);
    this.#measure(sample);
    if (this.#filter.isKnown) this.#choose();
    return this.#actions;
  }

  save(): SavedState {
    return {
      filter: this.#filter.save(),
      sum_mV: packNumbers(this.#sum_mV),
      actions: packNumbers(this.#actions),
      samples: this.#samples,
      restSince_ms: orNull(this.#restSince_ms),
      measured_ms: orNull(this.#measured_ms),
      last_ms: orNull(this.#last_ms),
    };
  }

  restore(from: StateReader): void {
    const { length } = this.#actions;
    this.#filter.restore(from.object("filter"));
    const sums = { min: 0, max: meanSamples * 65_535, length };
    this.#sum_mV.set(from.numbers("sum_mV", sums));
    const actions = from.numbers("actions", { min: -1, max: 1, length });
    if (!actions.every(Number.isInteger)) from.fail("an action is -1, 0 or 1");
    this.#actions.set(actions);
    this.#samples = from.whole("samples", { min: 0, max: meanSamples });
    this.#restSince_ms = from.maybe("restSince_ms", savedTime_ms);
    this.#measured_ms = from.maybe("measured_ms", savedTime_ms) ?? Number.NEGATIVE_INFINITY;
    this.#last_ms = from.maybe("last_ms", savedTime_ms);
    from.end();
  }

  /** What the cells gave up since the last sample. */
  #book(sample: PackSample): void {
    const step_ms = sample.monotonic_ms - (this.#last_ms ?? sample.monotonic_ms);
    this.#last_ms = sample.monotonic_ms;
    if (!(step_ms > 0 && step_ms < 3_600_000)) return;
    const { bleed_Ohm, transfer_A, capacity_Ah } = this.#options;
    this.#actions.forEach((action, i) => {
      if (action === 0) return;
      const bled_A = transfer_A ?? (sample.cellVoltage_mV[i] ?? 0) / 1000 / bleed_Ohm;
      this.#filter.book(i, (action * bled_A * step_ms) / 3.6e6 / capacity_Ah);
    });
  }

  #measure(sample: PackSample): void {
    const now_ms = sample.monotonic_ms;
    if (!(Math.abs(sample.packCurrent_A) <= restCurrent_A)) {
      this.#restSince_ms = undefined;
      this.#forget();
      return;
    }
    this.#restSince_ms ??= now_ms;
    const isSettled = now_ms - this.#restSince_ms >= settle_ms;
    if (!isSettled || now_ms - this.#measured_ms < between_ms) return;
    sample.cellVoltage_mV.forEach((cell_mV, i) => {
      this.#sum_mV[i] = (this.#sum_mV[i] ?? 0) + cell_mV;
    });
    this.#samples++;
    if (this.#samples < meanSamples) return;
    this.#filter.observe(
      this.#sum_mV.map((sum_mV) => sum_mV / this.#samples / 1000),
      this.#samples,
    );
    this.#measured_ms = now_ms;
    this.#forget();
  }

  #forget(): void {
    this.#sum_mV.fill(0);
    this.#samples = 0;
  }

  #choose(): void {
    const { excess, sigma } = this.#filter;
    const isActive = this.#options.transfer_A !== undefined;
    // The lowest of many estimates is low by about its own uncertainty.
    const goal = isActive ? 0 : least(excess) + sigma;
    // An active rule has both sides of the middle to keep within the same spread.
    const share = isActive ? 0.5 : 1;
    const start = Math.max(share * deadbandMin, deadbandSigmas * sigma);
    const stop = Math.min(share * stopShare, start / 2);
    for (let i = 0; i < excess.length; i++) {
      const over = (excess[i] ?? 0) - goal;
      this.#actions[i] = nextAction(this.#actions[i] ?? 0, over, { start, stop, isActive });
    }
  }
}

/** With hysteresis: an action begins past `start` and goes on until `stop`. */
function nextAction(
  action: number,
  over: number,
  band: { start: number; stop: number; isActive: boolean },
): -1 | 0 | 1 {
  if (over > (action < 0 ? band.stop : band.start)) return -1;
  const isShort = band.isActive && over < -(action > 0 ? band.stop : band.start);
  return isShort ? 1 : 0;
}

function least(values: Float64Array): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) if (value < lowest) lowest = value;
  return lowest;
}
