import { type CellSide, nearestOfCell_mm, sellBounds } from "./book-cell.ts";
import { type Candidate, isAbove, isBetter, isWorthwhile } from "./candidate.ts";
import type { Buy, Sell } from "./open-order.ts";

/** What a search reads beside the order that arrived. */
export interface SearchFrame {
  readonly feePerKWh: number;
  /** Between meeting points, row by row. */
  readonly between_mm: Float64Array;
  readonly points: number;
  /** Orders that must not be chosen; asked only about one that would be the best so far. */
  readonly isBarred: (order: Buy | Sell) => boolean;
}

interface Reachable {
  readonly cell: CellSide<Sell>;
  /** Place in the buyer's order of meeting points from which on sells of the cell can come. */
  readonly from: number;
  readonly bound: number;
}

/**
 * The best sell and meeting point for a buy. Cells of sells in the order of the lowest UC that they could
 * give; each from its lowest price on; meeting points from the buyer's nearest on.
 */
export class SellSearch {
  readonly #frame: SearchFrame;
  readonly #buy: Buy;
  /** Meeting points, the buyer's nearest first. */
  readonly #nearest: readonly number[];
  #best: Candidate | undefined;

  constructor(frame: SearchFrame, buy: Buy) {
    this.#frame = frame;
    this.#buy = buy;
    const { ways_mm } = buy;
    this.#nearest = Array.from(ways_mm.keys()).sort(
      (a, b) => (ways_mm[a] ?? 0) - (ways_mm[b] ?? 0) || a - b,
    );
  }

  run(cells: readonly CellSide<Sell>[]): Candidate | undefined {
    const reachable = cells.flatMap((cell, point) => this.#reachable(cell, point));
    reachable.sort((a, b) => a.bound - b.bound);
    for (const { cell, from, bound } of reachable) {
      if (this.#isTooDear(bound)) break;
      this.#scan(cell.orders, from);
    }
    return this.#best;
  }

  #reachable(cell: CellSide<Sell>, point: number): Reachable[] {
    const { energy_Wh, limit } = this.#buy;
    const bounds = sellBounds(cell);
    if (bounds.energy_Wh < energy_Wh || bounds.price > limit) return [];
    const reach_mm = bounds.perWh * energy_Wh * (1 + 1e-9);
    const { between_mm, points } = this.#frame;
    const from = this.#nearest.findIndex(
      (other) => nearestOfCell_mm(between_mm[point * points + other] ?? 0, bounds) <= reach_mm,
    );
    if (from < 0) return [];
    return [{ cell, from, bound: this.#unitCost(bounds.price, from) }];
  }

  #scan(sells: readonly Sell[], from: number): void {
    const { limit, rate } = this.#buy;
    for (const sell of sells) {
      const { pricePerKWh } = sell;
      if (pricePerKWh > limit) break;
      const bound = this.#unitCost(pricePerKWh, from);
      if (this.#isTooDear(bound)) break;
      if (!this.#mayWin(sell, from)) continue;
      if (rate === 0) this.#try(sell, bestPointFor(sell), bound);
      else this.#tryPoints(sell, from);
    }
  }

  /** What is known of a sell before any meeting point but its nearest is looked at. */
  #mayWin(sell: Sell, from: number): boolean {
    const { energy_Wh } = this.#buy;
    if (sell.capacity_Wh < energy_Wh) return false;
    if (isAbove(sell.nearest_mm, sell.reachPerWh_mm * energy_Wh)) return false;
    if (this.#isBeaten(sell, from)) return false;
    return !isSameOwner(sell, this.#buy);
  }

  #tryPoints(sell: Sell, from: number): void {
    for (let place = from; place < this.#nearest.length; place++) {
      const unitCost = this.#unitCost(sell.pricePerKWh, place);
      if (this.#isTooDear(unitCost)) return;
      this.#try(sell, this.#nearest[place] ?? 0, unitCost);
    }
  }

  #try(sell: Sell, point: number, unitCost: number): void {
    const { feePerKWh } = this.#frame;
    const { energy_Wh } = this.#buy;
    if (!isWorthwhile({ sell, point, energy_Wh, feePerKWh })) return;
    const unitProfit = this.#unitProfit(sell, sell.ways_mm[point] ?? 0);
    const candidate = { buy: this.#buy, sell, point, unitCost, unitProfit };
    const isFirst = this.#best === undefined || isBetter(candidate, this.#best, feePerKWh);
    if (isFirst && !this.#frame.isBarred(sell)) this.#best = candidate;
  }

  /** Of a price and the meeting point at a place of the buyer's order. */
  #unitCost(pricePerKWh: number, place: number): number {
    const way_mm = this.#buy.ways_mm[this.#nearest[place] ?? 0] ?? 0;
    return (pricePerKWh + this.#frame.feePerKWh) * 1e9 + way_mm * this.#buy.ratePerWh;
  }

  #unitProfit(sell: Sell, way_mm: number): number {
    const margin = (sell.pricePerKWh - this.#frame.feePerKWh) * 1e9;
    return margin - (way_mm * sell.rate) / this.#buy.energy_Wh;
  }

  #isTooDear(bound: number): boolean {
    return this.#best !== undefined && isAbove(bound, this.#best.unitCost);
  }

  /** Whether a sell could at most equal the best UC, exactly, with a lower UP at its nearest meeting point. */
  #isBeaten(sell: Sell, from: number): boolean {
    const best = this.#best;
    if (best === undefined || best.sell.pricePerKWh !== sell.pricePerKWh) return false;
    const { ways_mm } = this.#buy;
    if (ways_mm[best.point] !== ways_mm[this.#nearest[from] ?? 0]) return false;
    const scale = 2 * best.unitCost;
    return isAbove(best.unitProfit, this.#unitProfit(sell, sell.nearest_mm), scale);
  }
}

/** Where UP is highest: for a buyer whose way is free, any other meeting point is worse. */
function bestPointFor(sell: Sell): number {
  return sell.rate === 0 ? 0 : sell.cell;
}

export function isSameOwner(a: Buy | Sell, b: Buy | Sell): boolean {
  return a.owner !== undefined && a.owner === b.owner;
}
