import {
  lgHg2Cell,
  packPresets,
  type SafeOperatingArea,
  type SimulatedCell,
  scaledToPack,
} from "@voltfog/battery";

/**
 * The pack that the functions take every vehicle to have: cells like the LG HG2 in a pack of 150 Ah,
 * which is what replay and simulator drive. Packs per vehicle come with the pack registry.
 */
export const servedPack: SafeOperatingArea = scaledToPack(lgHg2Cell, 150);

/** How one of its cells rests, resists and warms. */
export const servedCell: SimulatedCell = packPresets.nmc96.cell;

/** Vehicles of which one function keeps state; the one unseen for longest is forgotten. */
export const vehiclesMax = 10_000;
