import { type Buy, compareIds, type Sell } from "./open-order.ts";
import { compareTerms, type MatchTerms } from "./terms.ts";

/** A feasible trio, with its UC and UP as doubles in 10^−12 millionths per watt-hour. */
export interface Candidate {
  readonly buy: Buy;
  readonly sell: Sell;
  /** The meeting point's place in the list, which is in the order of ids. */
  readonly point: number;
  readonly unitCost: number;
  readonly unitProfit: number;
}

/**
 * A double that stands for an exact sum is wrong by a few units in its 16th digit; what differs by more than
 * this share is decided by the doubles, the rest by whole numbers.
 */
const share = 1e-13;

/** Whether a is above b beyond what rounding can do; scale is the size of what they were summed from. */
export function isAbove(a: number, b: number, scale: number = Math.abs(a) + Math.abs(b)): boolean {
  return a - b > share * scale;
}

export function termsOf(
  trio: Pick<Candidate, "buy" | "sell" | "point">,
  feePerKWh: number,
): MatchTerms {
  const { buy, sell, point } = trio;
  return {
    energy_Wh: buy.energy_Wh,
    pricePerKWh: sell.pricePerKWh,
    feePerKWh,
    consumerWay_mm: buy.ways_mm[point] ?? 0,
    providerWay_mm: sell.ways_mm[point] ?? 0,
    consumerRate: buy.exactRate,
    providerRate: sell.exactRate,
  };
}

/** Whether the provider makes no loss: UP ≥ 0, exact. */
export function isWorthwhile(trio: {
  sell: Sell;
  point: number;
  energy_Wh: number;
  feePerKWh: number;
}): boolean {
  const { sell, point, energy_Wh } = trio;
  const way_mm = sell.ways_mm[point] ?? 0;
  const reach_mm = sell.reachPerWh_mm * energy_Wh;
  if (isAbove(way_mm, reach_mm)) return false;
  if (isAbove(reach_mm, way_mm) || reach_mm === Number.POSITIVE_INFINITY) return true;
  const margin = BigInt(sell.pricePerKWh - trio.feePerKWh) * 1_000_000_000n;
  return BigInt(way_mm) * sell.exactRate <= margin * BigInt(energy_Wh);
}

/**
 * The choice rule: lowest UC, highest UP, the older order, the lower id, the meeting point with the lower id.
 * One side is the order that arrived, the same in both, so age and id are the other's.
 */
export function isBetter(a: Candidate, b: Candidate, feePerKWh: number): boolean {
  if (isAbove(b.unitCost, a.unitCost)) return true;
  if (isAbove(a.unitCost, b.unitCost)) return false;
  const order = compareClose(a, b, feePerKWh) || compareOther(a, b);
  return order !== 0 ? order < 0 : a.point < b.point;
}

/** By UC and UP, where the doubles do not tell the costs apart. */
function compareClose(a: Candidate, b: Candidate, feePerKWh: number): number {
  const isSameCost = hasSameCost(a, b);
  if (isSameCost) {
    // Profit and the cost of the provider's way are below the price, so below the unit cost.
    const scale = a.unitCost + b.unitCost;
    if (isAbove(a.unitProfit, b.unitProfit, scale)) return -1;
    if (isAbove(b.unitProfit, a.unitProfit, scale)) return 1;
    if (hasSameWay(a, b)) return 0;
  }
  return compareTerms(termsOf(a, feePerKWh), termsOf(b, feePerKWh));
}

/** Whether UC is exactly the same, where that is seen without sums; false says nothing. */
function hasSameCost(a: Candidate, b: Candidate): boolean {
  if (a.sell.pricePerKWh !== b.sell.pricePerKWh) return false;
  const [wayOfA, wayOfB] = [a.buy.ways_mm[a.point] ?? 0, b.buy.ways_mm[b.point] ?? 0];
  const isFree = (buy: Buy, way_mm: number): boolean => buy.rate === 0 || way_mm === 0;
  if (isFree(a.buy, wayOfA) && isFree(b.buy, wayOfB)) return true;
  const isSameRate = a.buy.rate === b.buy.rate && a.buy.energy_Wh === b.buy.energy_Wh;
  return isSameRate && wayOfA === wayOfB;
}

/** Whether the provider's way costs exactly the same per watt-hour, with the same restriction. */
function hasSameWay(a: Candidate, b: Candidate): boolean {
  if (a.sell.rate === 0 && b.sell.rate === 0) return true;
  const isSameRate = a.sell.rate === b.sell.rate && a.buy.energy_Wh === b.buy.energy_Wh;
  return isSameRate && a.sell.ways_mm[a.point] === b.sell.ways_mm[b.point];
}

function compareOther(a: Candidate, b: Candidate): number {
  const [one, other] = a.buy === b.buy ? [a.sell, b.sell] : [a.buy, b.buy];
  return one.arrival !== other.arrival ? one.arrival - other.arrival : compareIds(one.id, other.id);
}
