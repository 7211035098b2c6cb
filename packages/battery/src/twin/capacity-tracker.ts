import { type CapacityEstimate, CapacityFilter } from "../estimation/capacity-filter.ts";

/** Shorter stretches are refused by the filter. */
const stretch = 0.35;
/** A charge that is less sure than this is no end of a stretch. */
const sigmaMax = 0.05;
/** What the cell model misses of a charge, and the charge that an offset of the sensor makes per hour. */
const modelSigma = 0.01;
const biasPerHour_A = 0.1;

/**
 * Feeds the capacity filter with what the charge filter and the counted current say between two sure moments:
 * a stretch ends as soon as the charge has moved by 35 %. A gap or an unsure charge starts a new stretch.
 */
export class CapacityTracker {
  readonly #filter: CapacityFilter;
  readonly #biasLimit_Ah: number;
  #from: number | undefined;
  #counted_Ah = 0;
  #time_s = 0;

  constructor(o: { capacity_Ah: number; saved?: readonly number[] }) {
    const { capacity_Ah, saved } = o;
    this.#biasLimit_Ah = 0.02 * capacity_Ah;
    this.#filter = new CapacityFilter({
      capacity_Ah,
      capacitySigma_Ah: 0.1 * capacity_Ah,
      socSigma: Math.SQRT2 * modelSigma,
      chargeSigma_Ah: 0.005 * capacity_Ah,
      ...(saved === undefined ? {} : { saved }),
    });
  }

  get estimate(): CapacityEstimate {
    return this.#filter.estimate;
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
    if (this.#from === undefined || (this.#time_s / 3600) * biasPerHour_A > this.#biasLimit_Ah) {
      this.#begin(o.soc);
      return false;
    }
    const socChange = o.soc - this.#from;
    if (Math.abs(socChange) < stretch) return false;
    const isUsed = this.#filter.add({ socChange, charge_Ah: this.#counted_Ah });
    this.#begin(o.soc);
    return isUsed;
  }

  #begin(soc: number): void {
    this.#from = soc;
    this.#counted_Ah = 0;
    this.#time_s = 0;
  }
}
