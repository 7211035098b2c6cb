import { type Buy, compareIds, type Sell } from "./open-order.ts";

/** Distances are rounded, so that a triangle may be off by this. */
const slack_mm = 10;

/** The open orders whose nearest meeting point is the same one, the ones that can win first in front. */
export interface CellSide<Order extends Buy | Sell> {
  readonly orders: Order[];
  /** Bounds over all of them; recomputed when `isStale`. */
  bounds: CellBounds;
  isStale: boolean;
}

/** Of orders in a cell, what lets a whole cell be passed over. */
export interface CellBounds {
  /** Farthest that one of them is from the cell's meeting point. */
  readonly radius_mm: number;
  /** Sells: the most energy that one gives. Buys: the least that one wants. */
  readonly energy_Wh: number;
  /** Sells: the longest way that a watt-hour pays for. Buys: the least that a millimetre costs per watt-hour. */
  readonly perWh: number;
  /** Sells: the lowest price. Buys: the highest limit. */
  readonly price: number;
}

export function emptyCell<Order extends Buy | Sell>(): CellSide<Order> {
  return { orders: [], bounds: noSells, isStale: true };
}

const noSells: CellBounds = {
  radius_mm: 0,
  energy_Wh: 0,
  perWh: Number.NEGATIVE_INFINITY,
  price: Number.POSITIVE_INFINITY,
};

const noBuys: CellBounds = {
  radius_mm: 0,
  energy_Wh: Number.POSITIVE_INFINITY,
  perWh: Number.POSITIVE_INFINITY,
  price: Number.NEGATIVE_INFINITY,
};

/** Fresh bounds; costs one pass over the cell after it lost an order. */
export function sellBounds(cell: CellSide<Sell>): CellBounds {
  if (cell.isStale) {
    cell.bounds = cell.orders.reduce(withSell, noSells);
    cell.isStale = false;
  }
  return cell.bounds;
}

export function buyBounds(cell: CellSide<Buy>): CellBounds {
  if (cell.isStale) {
    cell.bounds = cell.orders.reduce(withBuy, noBuys);
    cell.isStale = false;
  }
  return cell.bounds;
}

export function withSell(bounds: CellBounds, sell: Sell): CellBounds {
  return {
    radius_mm: Math.max(bounds.radius_mm, sell.nearest_mm),
    energy_Wh: Math.max(bounds.energy_Wh, sell.capacity_Wh),
    perWh: Math.max(bounds.perWh, sell.reachPerWh_mm),
    price: Math.min(bounds.price, sell.pricePerKWh),
  };
}

export function withBuy(bounds: CellBounds, buy: Buy): CellBounds {
  return {
    radius_mm: Math.max(bounds.radius_mm, buy.nearest_mm),
    energy_Wh: Math.min(bounds.energy_Wh, buy.energy_Wh),
    perWh: Math.min(bounds.perWh, buy.ratePerWh),
    price: Math.max(bounds.price, buy.limit),
  };
}

/** Whether a cell's bounds may be wider than needed once the order has left. */
export function isAtBound(bounds: CellBounds, order: Buy | Sell): boolean {
  const [energy_Wh, perWh, price] =
    order.side === "sell"
      ? [order.capacity_Wh, order.reachPerWh_mm, order.pricePerKWh]
      : [order.energy_Wh, order.ratePerWh, order.limit];
  return (
    bounds.radius_mm === order.nearest_mm ||
    bounds.energy_Wh === energy_Wh ||
    bounds.perWh === perWh ||
    bounds.price === price
  );
}

/**
 * No order of the cell is nearer to a meeting point than this, when the cell's own is so far from it: an
 * order's nearest meeting point is no farther than the other one, so half the way between the two is a
 * bound; so is that way less the cell's radius.
 */
export function nearestOfCell_mm(between_mm: number, { radius_mm }: CellBounds): number {
  return Math.max(between_mm / 2, between_mm - radius_mm) - slack_mm;
}

/** Where an order stands among those of its cell; sells by price, buys by the least cost of their way. */
export function placeInCell<Order extends Buy | Sell>(
  orders: readonly Order[],
  order: Order,
): number {
  const key = keyOf(order);
  let low = 0;
  let high = orders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = orders[middle];
    if (other !== undefined && isBefore(keyOf(other), other, key, order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(order: Buy | Sell): number {
  return order.side === "sell" ? order.pricePerKWh : order.nearestCost;
}

/** Equal keys: of buys the larger first, which gives the higher UP; then by arrival and id. */
function isBefore(key: number, order: Buy | Sell, otherKey: number, other: Buy | Sell): boolean {
  if (key !== otherKey) return key < otherKey;
  const [size_Wh, otherSize_Wh] = [sizeOf_Wh(order), sizeOf_Wh(other)];
  if (size_Wh !== otherSize_Wh) return size_Wh > otherSize_Wh;
  if (order.arrival !== other.arrival) return order.arrival < other.arrival;
  return compareIds(order.id, other.id) < 0;
}

function sizeOf_Wh(order: Buy | Sell): number {
  return order.side === "buy" ? order.energy_Wh : 0;
}
