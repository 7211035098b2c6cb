import { buyBounds, type CellSide, nearestOfCell_mm } from "./book-cell.ts";
import { type Candidate, isAbove, isBetter, isWorthwhile } from "./candidate.ts";
import { isSameOwner, type SearchFrame } from "./find-sell.ts";
import type { Buy, Sell } from "./open-order.ts";

/**
 * The best buy and meeting point for a sell. Its price is given, so UC differs by the buyer's way alone: cells
 * of buys in the order of the least way's cost per watt-hour that they could have, each from its least on,
 * over the meeting points that the seller can drive to without a loss.
 */
export class BuySearch {
  readonly #frame: SearchFrame;
  readonly #sell: Sell;
  /** Meeting points that the seller can drive to for all that it can give, the highest UP first. */
  readonly #within: readonly number[];
  /** p + r, and p − r, per watt-hour. */
  readonly #gross: number;
  readonly #margin: number;
  #best: Candidate | undefined;

  constructor(frame: SearchFrame, sell: Sell) {
    this.#frame = frame;
    this.#sell = sell;
    const { ways_mm, capacity_Wh: energy_Wh } = sell;
    const { feePerKWh } = frame;
    this.#gross = (sell.pricePerKWh + feePerKWh) * 1e9;
    this.#margin = (sell.pricePerKWh - feePerKWh) * 1e9;
    const within = Array.from(ways_mm.keys()).filter((point) =>
      isWorthwhile({ sell, point, energy_Wh, feePerKWh }),
    );
    // Where the seller's way is free, UP is the same everywhere, and the lower id counts.
    if (sell.rate > 0) within.sort((a, b) => (ways_mm[a] ?? 0) - (ways_mm[b] ?? 0) || a - b);
    this.#within = within;
  }

  /** `few` are all buys that allow the price, where there are few; the cells are not asked then. */
  run(cells: readonly CellSide<Buy>[], few: readonly Buy[] | undefined): Candidate | undefined {
    if (this.#within.length === 0) return undefined;
    if (few !== undefined) {
      for (const buy of few) {
        if (this.#mayTrade(buy) && !this.#isTooDear(this.#gross + buy.nearestCost)) {
          this.#tryPoints(buy);
        }
      }
      return this.#best;
    }
    const inReach = cells.flatMap((cell, point) => {
      const bound = this.#boundOf(cell, point);
      return bound === undefined ? [] : [{ cell, bound }];
    });
    inReach.sort((a, b) => a.bound - b.bound);
    for (const { cell, bound } of inReach) {
      if (this.#isTooDear(this.#gross + bound)) break;
      this.#scan(cell.orders, bound);
    }
    return this.#best;
  }

  /** Least cost per watt-hour of a way from the cell to a meeting point within reach. */
  #boundOf(cell: CellSide<Buy>, point: number): number | undefined {
    const bounds = buyBounds(cell);
    const { pricePerKWh, capacity_Wh } = this.#sell;
    if (bounds.price < pricePerKWh || bounds.energy_Wh > capacity_Wh) return undefined;
    const { between_mm, points } = this.#frame;
    let way_mm = Number.POSITIVE_INFINITY;
    for (const other of this.#within) {
      way_mm = Math.min(way_mm, between_mm[point * points + other] ?? 0);
    }
    const least_mm = Math.max(0, nearestOfCell_mm(way_mm, bounds));
    return Math.max(cell.orders[0]?.nearestCost ?? 0, least_mm * bounds.perWh);
  }

  #scan(buys: readonly Buy[], cellBound: number): void {
    const ownNearest_mm = this.#sell.ways_mm[this.#within[0] ?? 0] ?? 0;
    for (const buy of buys) {
      const bound = this.#gross + Math.max(buy.nearestCost, cellBound);
      if (this.#isTooDear(bound)) break;
      if (!this.#mayTrade(buy)) continue;
      // Those behind it are smaller, with a lower UP, or have a way that is not free.
      if (this.#isBeaten(buy, ownNearest_mm)) break;
      this.#tryPoints(buy);
    }
  }

  #mayTrade(buy: Buy): boolean {
    const { pricePerKWh, capacity_Wh } = this.#sell;
    if (buy.limit < pricePerKWh || buy.energy_Wh > capacity_Wh) return false;
    return !isSameOwner(buy, this.#sell);
  }

  #tryPoints(buy: Buy): void {
    // At its only nearest meeting point UC is the lowest that the buyer can have.
    if (buy.rate > 0 && buy.isNearestAlone && this.#try(buy, buy.cell)) return;
    for (const point of this.#within) {
      // From here on no way of the seller is shorter; a free one is worthwhile everywhere or nowhere.
      if (!this.#try(buy, point)) return;
      // For a buyer whose way is free the first one is the best.
      if (buy.rate === 0) return;
    }
  }

  /** Whether the provider makes no loss there; whether it is the best is noted. */
  #try(buy: Buy, point: number): boolean {
    const { feePerKWh } = this.#frame;
    const sell = this.#sell;
    if (!isWorthwhile({ sell, point, energy_Wh: buy.energy_Wh, feePerKWh })) return false;
    const unitCost = this.#gross + (buy.ways_mm[point] ?? 0) * buy.ratePerWh;
    if (this.#isTooDear(unitCost)) return true;
    const unitProfit = this.#unitProfit(buy, sell.ways_mm[point] ?? 0);
    const candidate = { buy, sell, point, unitCost, unitProfit };
    const isFirst = this.#best === undefined || isBetter(candidate, this.#best, feePerKWh);
    if (isFirst && !this.#frame.isBarred(buy)) this.#best = candidate;
    return true;
  }

  #unitProfit(buy: Buy, way_mm: number): number {
    return this.#margin - (way_mm * this.#sell.rate) / buy.energy_Wh;
  }

  #isTooDear(bound: number): boolean {
    return this.#best !== undefined && isAbove(bound, this.#best.unitCost);
  }

  /** Whether the best has a way for nothing, the least UC there is, and a UP that this buy cannot reach. */
  #isBeaten(buy: Buy, nearest_mm: number): boolean {
    const best = this.#best;
    if (best === undefined || (best.buy.rate !== 0 && best.buy.ways_mm[best.point] !== 0)) {
      return false;
    }
    return isAbove(best.unitProfit, this.#unitProfit(buy, nearest_mm), 2 * best.unitCost);
  }
}
