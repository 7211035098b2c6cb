import { assert } from "@voltfog/runtime";

/** What happened between two sound estimates of a cell's charge. */
export interface CapacityStretch {
  /** Change of the state of charge, −1 to 1; charging counts positive. */
  readonly socChange: number;
  /** Counted charge in the same time. */
  readonly charge_Ah: number;
}

export interface CapacityEstimate {
  readonly capacity_Ah: number;
  /** About 95 % of the truth lies between. */
  readonly low_Ah: number;
  readonly high_Ah: number;
  /** Stretches that were used. */
  readonly stretches: number;
  /** Root mean square of their changes of charge; 0 before the first. */
  readonly depth: number;
}

/** Shorter stretches say more of the estimate's error than of the capacity. */
const socChangeMin = 0.3;
const kept = 0.98;
const interval95 = 1.96;

/**
 * Capacity by total least squares with forgetting (Plett, J. Power Sources 196 (2011) 2319): both the
 * change of charge and the counted charge are uncertain, with one ratio. Total: a stretch that is no
 * number, too short or of opposite signs is refused. Cost: constant.
 */
export class CapacityFilter {
  readonly #socSigma: number;
  readonly #chargeSigma_Ah: number;
  /** What the start counts for, in the same units as a squared change. */
  readonly #startWeight: number;
  /** Sums of Δz², Δz·q and q², over the variance of q. */
  #changes = 0;
  #products = 0;
  #charges = 0;
  #stretches = 0;

  /** `socSigma` and `chargeSigma_Ah`: standard deviations of a stretch's two numbers. */
  constructor(o: {
    readonly capacity_Ah: number;
    readonly capacitySigma_Ah: number;
    readonly socSigma: number;
    readonly chargeSigma_Ah: number;
    /** What an earlier filter left; ignored where it is none. */
    readonly saved?: readonly number[];
  }) {
    assert(
      [o.capacity_Ah, o.capacitySigma_Ah, o.socSigma, o.chargeSigma_Ah].every(
        (value) => value > 0 && Number.isFinite(value),
      ),
      "a capacity and the doubts are positive",
    );
    this.#socSigma = o.socSigma;
    this.#chargeSigma_Ah = o.chargeSigma_Ah;
    // The start counts as one stretch over the whole charge, as sure as it is.
    const weight =
      (1 + (o.socSigma / o.chargeSigma_Ah) ** 2 * o.capacity_Ah ** 2) / o.capacitySigma_Ah ** 2;
    this.#startWeight = weight;
    this.#changes = weight;
    this.#products = weight * o.capacity_Ah;
    this.#charges = weight * o.capacity_Ah ** 2;
    const [changes = 0, products = 0, charges = 0, stretches = 0] = o.saved ?? [];
    // A capacity follows from such sums alone.
    if (!(changes > 0 && products > 0 && charges > 0 && stretches >= 0)) return;
    this.#changes = changes;
    this.#products = products;
    this.#charges = charges;
    this.#stretches = stretches;
  }

  /** What a later filter with the same doubts may start from. */
  get saved(): readonly number[] {
    return [this.#changes, this.#products, this.#charges, this.#stretches];
  }

  /** Whether the stretch was used. */
  add({ socChange, charge_Ah }: CapacityStretch): boolean {
    const isSound = Math.abs(socChange) > socChangeMin && Math.abs(socChange) <= 1;
    if (!isSound || !(socChange * charge_Ah > 0) || !Number.isFinite(charge_Ah)) return false;
    const weight = 1 / this.#chargeSigma_Ah ** 2;
    this.#changes = kept * this.#changes + weight * socChange ** 2;
    this.#products = kept * this.#products + weight * socChange * charge_Ah;
    this.#charges = kept * this.#charges + weight * charge_Ah ** 2;
    this.#stretches++;
    return true;
  }

  get estimate(): CapacityEstimate {
    const ratio = (this.#socSigma / this.#chargeSigma_Ah) ** 2;
    const [a, b, c] = [this.#changes, this.#products, this.#charges];
    const balance = ratio * c - a;
    const capacity_Ah = (balance + Math.sqrt(balance ** 2 + 4 * ratio * b ** 2)) / (2 * ratio * b);
    const scale = 1 + ratio * capacity_Ah ** 2;
    const left = c - 2 * capacity_Ah * b + capacity_Ah ** 2 * a;
    const curvature = (2 * a * scale - 2 * ratio * left) / scale ** 2;
    const halfWidth_Ah = curvature > 0 ? interval95 * Math.sqrt(2 / curvature) : capacity_Ah;
    return {
      capacity_Ah,
      low_Ah: Math.max(0, capacity_Ah - halfWidth_Ah),
      high_Ah: capacity_Ah + halfWidth_Ah,
      stretches: this.#stretches,
      depth: this.#depth,
    };
  }

  get #depth(): number {
    const forgotten = kept ** this.#stretches;
    const counted = (1 - forgotten) / (1 - kept) / this.#chargeSigma_Ah ** 2;
    const squares = this.#changes - forgotten * this.#startWeight;
    return this.#stretches === 0 ? 0 : Math.sqrt(Math.max(0, squares / counted));
  }
}
