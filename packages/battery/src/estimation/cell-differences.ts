/** One number of a cell against the mean cell of its pack, with one standard deviation. */
export interface CellDifference {
  readonly value: number;
  readonly sigma: number;
}

/**
 * What filters of differences know of each cell of a pack, counted from 0. All cells carry one current, so what
 * the current sensor and the circuit miss falls out: differences are known far better than the mean. Imbalance
 * (charge) and ageing (slimness, resistance) are states of their own. Never NaN.
 */
export interface CellDifferences {
  /** Δz, in states of charge. Balancing removes it. */
  charge(cell: number): CellDifference;
  /** Relative 1/capacity: 0.02 is a cell that is full or empty 2 % sooner. Nothing removes it. */
  slimness(cell: number): CellDifference;
  /** Relative resistance: 0.1 is a cell of a tenth more. */
  resistance(cell: number): CellDifference;
}
