import { distance_mm, type Place, placeOf } from "./distance.ts";
import type { Position } from "./position.ts";

/** Names of orders and of meeting points: numbers before texts, numbers by size, texts by code units. */
export type OrderId = string | number;

/** What an order says, whichever side it is on. */
export interface OrderTerms {
  readonly id: OrderId;
  /** Who placed it: nobody trades with themselves. undefined where that is not told. */
  readonly owner: string | undefined;
  /** Lower is older. */
  readonly arrival: number;
  readonly energy_Wh: number;
  readonly ownPricePerKWh: number;
  /** What the vehicle uses on its way; whole milliwatt-hours per kilometre. */
  readonly milliWhPerKm: number;
  readonly position: Position;
}

/** A request of exactly `energy_Wh`. */
export interface BuyTerms extends OrderTerms {
  readonly side: "buy";
  /** undefined for no limit but the funds. */
  readonly maxPricePerKWh: number | undefined;
  /** The most that energy and fee may cost. */
  readonly funds: number;
}

/** An offer of at most `energy_Wh`. */
export interface SellTerms extends OrderTerms {
  readonly side: "sell";
  readonly pricePerKWh: number;
  readonly spare_Wh: number;
}

/** What the book knows of an order, made once when it arrives. */
interface Reckoned {
  readonly id: OrderId;
  readonly owner: string | undefined;
  readonly arrival: number;
  /** To each meeting point, by its place in the list. */
  readonly ways_mm: Float64Array;
  /** The nearest meeting point's place in the list, and the way there. */
  readonly cell: number;
  readonly nearest_mm: number;
  /** Whether no other meeting point is as near. */
  readonly isNearestAlone: boolean;
  /** Use × own price: cost of a millimetre in 10^−12 millionths, exact and as a double. */
  readonly exactRate: bigint;
  readonly rate: number;
}

export interface Buy extends Reckoned {
  readonly side: "buy";
  readonly terms: BuyTerms;
  readonly energy_Wh: number;
  /** The highest price that limit and funds allow; below 0 for none. */
  readonly limit: number;
  readonly ratePerWh: number;
  /** Lower bound of TC_C / α. */
  readonly nearestCost: number;
}

export interface Sell extends Reckoned {
  readonly side: "sell";
  readonly terms: SellTerms;
  readonly pricePerKWh: number;
  /** The most that it can give. */
  readonly capacity_Wh: number;
  /** Way to a meeting point that a watt-hour's profit pays for [mm]; below 0 where even the fee is not paid. */
  readonly reachPerWh_mm: number;
}

export interface BookFrame {
  readonly feePerKWh: number;
  readonly places: readonly Place[];
}

export function reckonBuy(terms: BuyTerms, frame: BookFrame): Buy {
  const base = reckon(terms, frame);
  const { energy_Wh, maxPricePerKWh, funds } = terms;
  // (p + r) · α ≤ 1000 · funds, for whole p.
  const affordable = Number((BigInt(funds) * 1000n) / BigInt(energy_Wh)) - frame.feePerKWh;
  const ratePerWh = base.rate / energy_Wh;
  return {
    ...base,
    side: "buy",
    terms,
    energy_Wh,
    limit: Math.min(maxPricePerKWh ?? affordable, affordable),
    ratePerWh,
    nearestCost: base.nearest_mm * ratePerWh,
  };
}

export function reckonSell(terms: SellTerms, frame: BookFrame): Sell {
  const base = reckon(terms, frame);
  const { pricePerKWh } = terms;
  const margin = (pricePerKWh - frame.feePerKWh) * 1e9;
  return {
    ...base,
    side: "sell",
    terms,
    pricePerKWh,
    capacity_Wh: Math.min(terms.energy_Wh, terms.spare_Wh),
    reachPerWh_mm:
      base.rate === 0 ? (margin < 0 ? -1 : Number.POSITIVE_INFINITY) : margin / base.rate,
  };
}

function reckon(terms: OrderTerms, { places }: BookFrame): Reckoned {
  const from = placeOf(terms.position);
  const ways_mm = new Float64Array(places.length);
  let cell = 0;
  let nearest_mm = Number.POSITIVE_INFINITY;
  let isNearestAlone = true;
  let at = 0;
  for (const place of places) {
    const i = at++;
    const way_mm = distance_mm(from, place);
    ways_mm[i] = way_mm;
    isNearestAlone = way_mm < nearest_mm || (isNearestAlone && way_mm > nearest_mm);
    if (way_mm >= nearest_mm) continue;
    cell = i;
    nearest_mm = way_mm;
  }
  const exactRate = BigInt(terms.milliWhPerKm) * BigInt(terms.ownPricePerKWh);
  const { id, owner, arrival } = terms;
  const nearest = { cell, nearest_mm, isNearestAlone };
  return { id, owner, arrival, ways_mm, ...nearest, exactRate, rate: Number(exactRate) };
}

/** Below 0 where a comes first. */
export function compareIds(a: OrderId, b: OrderId): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
