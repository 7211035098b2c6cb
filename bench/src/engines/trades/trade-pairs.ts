import { person } from "../../market/market-people.ts";
import type { Neighbours } from "../../market/trading-load.ts";

/** Between neighbouring meeting points, mm: a way that costs more than any trade here brings. */
const raster_mm = 300_000_000;
const columns = 8;
const points = columns * columns;

/**
 * Who sells to whom: pairs that trade with nobody else, on a plane as in the published experiment. At one
 * meeting point, up to eight are told apart by what they trade: a buyer wants more than the cheaper sellers
 * have, and pays no more than its own one asks.
 */
export function tradePair(index: number): Neighbours {
  const point = index % points;
  const level = Math.floor(index / points);
  return {
    seller: person(2 * index),
    buyer: person(2 * index + 1),
    home: {
      kind: "plane",
      east: raster_mm * ((point % columns) - columns / 2),
      north: raster_mm * (Math.floor(point / columns) - columns / 2),
    },
    sale: { energy_Wh: 10_000 + 1000 * level, pricePerKWh: 300_000 + 20_000 * level },
  };
}
