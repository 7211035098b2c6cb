import { type BookMatch, type MatchBook, type Position, playBook } from "@voltfog/market";
import type { MarketOrderView, MarketPlaceView } from "@voltfog/messages";
import type { Position as Degrees } from "../charging/position.ts";

/** What somebody is about to order, as the form holds it. */
export interface Wish {
  readonly side: "buy" | "sell";
  readonly key: string;
  readonly energy_Wh: number;
  /** What a seller asks; the most that a buyer gives, undefined for no limit but the funds. */
  readonly pricePerKWh: number | undefined;
  readonly ownPricePerKWh: number;
  readonly usePerKm_Wh: number;
  readonly spare_Wh: number;
  readonly funds: number;
  readonly position: Degrees;
}

type OpenOrder = Pick<
  MarketOrderView,
  | "id"
  | "side"
  | "key"
  | "energy_Wh"
  | "spare_Wh"
  | "funds"
  | "pricePerKWh"
  | "ownPricePerKWh"
  | "usePerKm_Wh"
  | "place"
  | "height"
>;

export interface QuoteMarket {
  readonly feePerKWh: number;
  readonly orders: readonly OpenOrder[];
  readonly meetingPoints: readonly { readonly id: string; readonly position: Degrees }[];
}

const wishId = "wish";
const milli = 1000;

/**
 * The match that an order would make if it were the next in the book: by the rules that every validator
 * runs, on the book as it is known here. Undefined where none fits now and the order would wait.
 */
export function quoteOf(wish: Wish, market: QuoteMarket): BookMatch | undefined {
  const others = market.orders
    .filter((order) => order.side !== wish.side && order.place.kind === "earth")
    .sort((a, b) => a.height - b.height || (a.id < b.id ? -1 : 1))
    .map(termsOf);
  return lastMatch(market, [...others, wishTerms(wish, others.length)]);
}

/**
 * The best that an order can hope for: a counterpart that stands at a meeting point and takes exactly this.
 * Undefined where even that would be a loss to the seller.
 */
export function bestCaseOf(wish: Wish, market: QuoteMarket): BookMatch | undefined {
  const { side, energy_Wh, pricePerKWh, spare_Wh } = wish;
  const share = { owner: undefined, ownPricePerKWh: 0, milliWhPerKm: 0 };
  const price = pricePerKWh ?? market.feePerKWh;
  const counterparts = market.meetingPoints.map(({ id, position }, arrival) => {
    const common = { ...share, id: `at ${id}`, arrival, position: wholePosition(position) };
    return side === "buy"
      ? { ...common, side: "sell" as const, energy_Wh, spare_Wh: energy_Wh, pricePerKWh: price }
      : {
          ...common,
          side: "buy" as const,
          energy_Wh: Math.min(energy_Wh, spare_Wh),
          maxPricePerKWh: undefined,
          funds: Number.MAX_SAFE_INTEGER,
        };
  });
  return lastMatch(market, [...counterparts, wishTerms(wish, counterparts.length)]);
}

/** As the chain takes it: clients round to 0.001 degrees, so nobody's door is in the book. */
export function wholePosition({ latitude, longitude }: Degrees): Position {
  const rounded = (degrees: number): number => Math.round(degrees * milli) * milli;
  return { kind: "earth", east: rounded(longitude), north: rounded(latitude) };
}

function lastMatch(
  { feePerKWh, meetingPoints }: QuoteMarket,
  orders: MatchBook["orders"],
): BookMatch | undefined {
  const points = meetingPoints
    .map(({ id, position }) => ({ id: Number(id), position: exactPosition(position) }))
    .sort((a, b) => a.id - b.id);
  let match: BookMatch | undefined;
  for (const made of playBook({ feePerKWh, meetingPoints: points, orders })) match = made;
  return match?.arrived === wishId ? match : undefined;
}

function wishTerms(wish: Wish, arrival: number): MatchBook["orders"][number] {
  const { energy_Wh, ownPricePerKWh, pricePerKWh, funds, spare_Wh } = wish;
  const common = {
    ...{ id: wishId, owner: wish.key, arrival, energy_Wh, ownPricePerKWh },
    milliWhPerKm: wish.usePerKm_Wh * milli,
    position: wholePosition(wish.position),
  };
  return wish.side === "buy"
    ? { ...common, side: "buy", maxPricePerKWh: pricePerKWh, funds }
    : { ...common, side: "sell", pricePerKWh: pricePerKWh ?? 0, spare_Wh };
}

function termsOf(order: OpenOrder, arrival: number): MatchBook["orders"][number] {
  const { id, key, side, energy_Wh, ownPricePerKWh, usePerKm_Wh, pricePerKWh } = order;
  const common = {
    ...{ id, owner: key, arrival, energy_Wh, ownPricePerKWh },
    milliWhPerKm: usePerKm_Wh * milli,
    position: placePosition(order.place),
  };
  return side === "buy"
    ? { ...common, side, maxPricePerKWh: pricePerKWh ?? undefined, funds: order.funds ?? 0 }
    : { ...common, side, pricePerKWh: pricePerKWh ?? 0, spare_Wh: order.spare_Wh ?? 0 };
}

function placePosition(place: MarketPlaceView): Position {
  return place.kind === "earth"
    ? exactPosition(place)
    : { kind: "plane", east: Math.round(place.x_m * milli), north: Math.round(place.y_m * milli) };
}

function exactPosition({ latitude, longitude }: Degrees): Position {
  const micro = (degrees: number): number => Math.round(degrees * 1_000_000);
  return { kind: "earth", east: micro(longitude), north: micro(latitude) };
}
