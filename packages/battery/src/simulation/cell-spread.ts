import { normal, type Random } from "@voltfog/runtime";

/** How the cells of one pack differ from their type, as made and as they are charged now. */
export interface CellSpread {
  /** Capacity over nominal. */
  readonly capacityFactor: Float64Array;
  /** Resistance over nominal. */
  readonly resistanceFactor: Float64Array;
  /** State of charge minus that of the fullest cell: at most 0, since charging stops at the fullest. */
  readonly chargeOffset: Float64Array;
}

/** Standard deviations, as commonly found in packs of one cell lot; shares of the nominal value. */
export interface SpreadSize {
  readonly capacityShare: number;
  readonly resistanceShare: number;
  readonly chargeShare: number;
}

export const usualSpread: SpreadSize = {
  capacityShare: 0.01,
  resistanceShare: 0.1,
  chargeShare: 0.015,
};

/** Drawn once per pack; nothing lies more than three standard deviations out. */
export function drawCellSpread(options: {
  cells: number;
  random: Random;
  size: SpreadSize;
}): CellSpread {
  const { cells, random, size } = options;
  const draw = (deviation: number, middle: number): Float64Array =>
    Float64Array.from({ length: cells }, () => middle + deviation * limited(normal(random)));
  const capacityFactor = draw(size.capacityShare, 1);
  const resistanceFactor = draw(size.resistanceShare, 1);
  const charges = draw(size.chargeShare, 0);
  const fullest = Math.max(...charges);
  return {
    capacityFactor,
    resistanceFactor,
    chargeOffset: charges.map((charge) => charge - fullest),
  };
}

function limited(deviate: number): number {
  return Math.min(3, Math.max(-3, deviate));
}
