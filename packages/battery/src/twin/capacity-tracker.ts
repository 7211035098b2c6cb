import { type CapacityEstimate, CapacityFilter } from "../estimation/capacity-filter.ts";
import { packModelSigma } from "../estimation/kalman-soc-estimator.ts";

/** Shorter stretches are refused by the filter. */
const stretch = 0.35;
/** A stretch goes on as long as the charge does not come back by this much. */
const turn = 0.05;
/** A charge that is less sure than this is no end of a stretch. */
const sigmaMax = 0.05;
/** The charge that an offset of the current sensor makes per hour. */
const biasPerHour_A = 0.1;
/** What a pack may have lost before anything is measured; and for the sums alone, hardly anything. */
const startShare = 0.15;
const looseShare = 1;
const interval95 = 1.96;

/**
 * Feeds the capacity filter with what the charge filter and the counted current say between two turns of the
 * charge at least 35 % apart. A gap or an unsure charge starts a new stretch. A cell model is wrong at the same
 * charges again and again, so that part of the doubt does not average out: it stays in the interval, and
 * the start keeps its weight against it. Cost: constant.
 */
export class CapacityTracker {
  readonly #filter: CapacityFilter;
  readonly #capacity_Ah: number;
  readonly #biasLimit_Ah: number;
  #from: number | undefined;
  #counted_Ah = 0;
  #time_s = 0;
  /** Where the charge was furthest from the start of the stretch, and what was counted until then. */
  #furthest = { socChange: 0, charge_Ah: 0, time_s: 0 };

  constructor(o: { capacity_Ah: number; saved?: readonly number[] }) {
    const { capacity_Ah, saved } = o;
    this.#capacity_Ah = capacity_Ah;
    this.#biasLimit_Ah = 0.02 * capacity_Ah;
    this.#filter = new CapacityFilter({
      capacity_Ah,
      capacitySigma_Ah: looseShare * capacity_Ah,
      socSigma: Math.SQRT2 * packModelSigma,
      chargeSigma_Ah: 0.005 * capacity_Ah,
      ...(saved === undefined ? {} : { saved }),
    });
  }

  get estimate(): CapacityEstimate {
    const found = this.#filter.estimate;
    const start_Ah = this.#capacity_Ah;
    const startWeight = 1 / (startShare * start_Ah) ** 2;
    const lasting = found.depth === 0 ? 0 : (Math.SQRT2 * packModelSigma) / found.depth;
    const random_Ah = (found.high_Ah - found.capacity_Ah) / interval95;
    const sigma_Ah = Math.hypot(random_Ah, lasting * found.capacity_Ah);
    const weight = found.stretches === 0 ? 0 : 1 / sigma_Ah ** 2;
    const sum = weight + startWeight;
    const capacity_Ah = (weight * found.capacity_Ah + startWeight * start_Ah) / sum;
    const halfWidth_Ah = interval95 / Math.sqrt(sum);
    return {
      ...found,
      capacity_Ah,
      low_Ah: Math.max(0, capacity_Ah - halfWidth_Ah),
      high_Ah: capacity_Ah + halfWidth_Ah,
    };
  }

  get saved(): readonly number[] {
    return this.#filter.saved;
  }

  /** Forgets an open stretch: charge may have flowed unseen. */
  interrupt(): void {
    this.#from = undefined;
  }

  /** Whether a stretch ended and was used. */
  update(o: { soc: number; sigma: number; charge_Ah: number; step_s: number }): boolean {
    this.#counted_Ah += o.charge_Ah;
    this.#time_s += o.step_s;
    if (!(o.sigma <= sigmaMax)) return false;
    if (this.#from === undefined) {
      this.#begin(o.soc);
      return false;
    }
    const socChange = o.soc - this.#from;
    const furthest = this.#furthest;
    // By the count, which is smooth; the estimated charge moves by per cents when a pack comes to rest.
    const isFurther = Math.abs(this.#counted_Ah) > Math.abs(furthest.charge_Ah);
    if (isFurther) {
      this.#furthest = { socChange, charge_Ah: this.#counted_Ah, time_s: this.#time_s };
      return false;
    }
    const hasTurned = Math.abs(furthest.charge_Ah - this.#counted_Ah) >= turn * this.#capacity_Ah;
    const isLate = (this.#time_s / 3600) * biasPerHour_A > this.#biasLimit_Ah;
    if (!hasTurned && !isLate) return false;
    return this.#end(o.soc);
  }

  /** The next stretch begins where this one was furthest, so that no charge is counted twice or not at all. */
  #end(soc: number): boolean {
    const { socChange, charge_Ah, time_s } = this.#furthest;
    const isLong = Math.abs(socChange) >= stretch;
    const isUsed = isLong && this.#filter.add({ socChange, charge_Ah });
    const from = (this.#from ?? soc) + socChange;
    const [since_Ah, since_s] = [this.#counted_Ah - charge_Ah, this.#time_s - time_s];
    this.#from = from;
    this.#counted_Ah = since_Ah;
    this.#time_s = since_s;
    this.#furthest = { socChange: soc - from, charge_Ah: since_Ah, time_s: since_s };
    return isUsed;
  }

  #begin(soc: number): void {
    this.#from = soc;
    this.#counted_Ah = 0;
    this.#time_s = 0;
    this.#furthest = { socChange: 0, charge_Ah: 0, time_s: 0 };
  }
}
