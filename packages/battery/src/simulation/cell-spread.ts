import { normal, type Random } from "@voltfog/runtime";

/** How the cells of one pack differ from their type, as made and as they are charged now. */
export interface CellSpread {
  /** Capacity over nominal. */
  readonly capacity: Float64Array;
  /** Resistance over nominal. */
  readonly resistance: Float64Array;
  /** State of charge minus that of the fullest cell: at most 0, since charging stops at the fullest. */
  readonly charge: Float64Array;
}

/** Standard deviations as commonly found in packs of one cell lot. */
export interface SpreadSize {
  readonly capacity: number;
  readonly resistance: number;
  readonly charge: number;
}

export const usualSpread: SpreadSize = { capacity: 0.01, resistance: 0.1, charge: 0.015 };

/** Drawn once per pack; nothing lies more than three standard deviations out. */
export function drawCellSpread(options: {
  cells: number;
  random: Random;
  size: SpreadSize;
}): CellSpread {
  const { cells, random, size } = options;
  const draw = (deviation: number, middle: number): Float64Array =>
    Float64Array.from({ length: cells }, () => middle + deviation * limited(normal(random)));
  const capacity = draw(size.capacity, 1);
  const resistance = draw(size.resistance, 1);
  const offsets = draw(size.charge, 0);
  const fullest = Math.max(...offsets);
  return { capacity, resistance, charge: offsets.map((offset) => offset - fullest) };
}

function limited(deviate: number): number {
  return Math.min(3, Math.max(-3, deviate));
}
