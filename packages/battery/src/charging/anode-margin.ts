import { graphiteVoltage_V } from "../simulation/ageing/cell-ageing.ts";

/**
 * Share of a cell's resistance that pulls the worst place of its graphite anode towards lithium. No terminal
 * shows it: it is assumed, so that 1 C at 25 °C reaches lithium at about 80 % of charge, as energy cells do.
 */
const anodeShare = 0.8;
/** Graphite is filled from here to there as a cell charges; BLAST-Lite's graphite cells. */
const empty = 0.0085;
const full = 0.78;
const reference_K = 298.15;
const zero_K = 273.15;

/** What the margin needs to know of a cell: V per C in all, and how it grows in the cold. */
export interface AnodeCell {
  readonly resistancePerRate: number;
  readonly arrhenius_K: number;
}

/** V per C at the anode at a temperature. */
export function anodeResistance(cell: AnodeCell, cell_degC: number): number {
  const factor = Math.exp(cell.arrhenius_K * (1 / (cell_degC + zero_K) - 1 / reference_K));
  return anodeShare * cell.resistancePerRate * factor;
}

/**
 * How far the anode is above the potential of lithium while charging at a rate in C: below 0 V lithium may
 * plate. A lumped estimate from the graphite's own curve and most of the cell's resistance.
 */
export function anodeMargin_V(o: {
  cell: AnodeCell;
  soc: number;
  cell_degC: number;
  rate: number;
}): number {
  return anodeVoltage_V(o.soc) - o.rate * anodeResistance(o.cell, o.cell_degC);
}

/** The highest rate in C that leaves a margin. */
export function rateAtMargin(o: {
  cell: AnodeCell;
  soc: number;
  cell_degC: number;
  margin_V: number;
}): number {
  const room_V = anodeVoltage_V(o.soc) - o.margin_V;
  return Math.max(0, room_V / anodeResistance(o.cell, o.cell_degC));
}

function anodeVoltage_V(soc: number): number {
  return graphiteVoltage_V(empty + Math.min(1, Math.max(0, soc)) * (full - empty));
}
