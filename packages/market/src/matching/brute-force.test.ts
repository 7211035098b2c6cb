import { SeededRandom } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { randomBook } from "../testing/random-book.ts";
import type { MatchBook } from "./book-file.ts";
import { distance_mm, placeOf } from "./distance.ts";
import type { BuyTerms, OrderId, SellTerms } from "./open-order.ts";
import { playBook } from "./play-book.ts";

type Trio = readonly [OrderId, OrderId, OrderId];

/** The published sums over all trios, with whole numbers only and no index: what {@link playBook} must equal. */
function bruteForce(book: MatchBook): Trio[] {
  const open: (BuyTerms | SellTerms)[] = [];
  const made: Trio[] = [];
  for (const order of book.orders) {
    const trios = open.flatMap((other) => triosOf(book, order, other));
    const best = trios.reduce<Weighed | undefined>(
      (before, trio) => (before === undefined || isFirst(trio, before) ? trio : before),
      undefined,
    );
    if (best === undefined) {
      open.push(order);
    } else {
      open.splice(open.indexOf(best.other), 1);
      made.push([best.buy.id, best.sell.id, best.point]);
    }
  }
  return made;
}

interface Weighed {
  readonly buy: BuyTerms;
  readonly sell: SellTerms;
  readonly other: BuyTerms | SellTerms;
  readonly point: number;
  /** CC and the profit, in 10^-12 millionths. */
  readonly cost: bigint;
  readonly profit: bigint;
}

function triosOf(
  book: MatchBook,
  order: BuyTerms | SellTerms,
  other: BuyTerms | SellTerms,
): Weighed[] {
  const buy = [order, other].find((one): one is BuyTerms => one.side === "buy");
  const sell = [order, other].find((one): one is SellTerms => one.side === "sell");
  if (buy === undefined || sell === undefined) return [];
  const { energy_Wh, maxPricePerKWh } = buy;
  const alpha = BigInt(energy_Wh);
  const [p, r] = [BigInt(sell.pricePerKWh), BigInt(book.feePerKWh)];
  if (sell.energy_Wh < energy_Wh || sell.spare_Wh < energy_Wh) return [];
  if (maxPricePerKWh !== undefined && sell.pricePerKWh > maxPricePerKWh) return [];
  if ((p + r) * alpha > 1000n * BigInt(buy.funds)) return [];
  if (buy.owner !== undefined && buy.owner === sell.owner) return [];
  return book.meetingPoints.flatMap(({ id, position }) => {
    const way = (one: BuyTerms | SellTerms): bigint =>
      BigInt(distance_mm(placeOf(position), placeOf(one.position))) *
      BigInt(one.milliWhPerKm) *
      BigInt(one.ownPricePerKWh);
    const profit = (p - r) * alpha * 10n ** 9n - way(sell);
    if (profit < 0n) return [];
    const cost = (p + r) * alpha * 10n ** 9n + way(buy);
    return [{ buy, sell, other, point: Number(id), cost, profit }];
  });
}

function isFirst(a: Weighed, b: Weighed): boolean {
  const [ofA, ofB] = [BigInt(a.buy.energy_Wh), BigInt(b.buy.energy_Wh)];
  if (a.cost * ofB !== b.cost * ofA) return a.cost * ofB < b.cost * ofA;
  if (a.profit * ofB !== b.profit * ofA) return a.profit * ofB > b.profit * ofA;
  if (a.other.arrival !== b.other.arrival) return a.other.arrival < b.other.arrival;
  if (a.other.id !== b.other.id) return a.other.id < b.other.id;
  return a.point < b.point;
}

const shapes = (["earth", "plane"] as const).flatMap((kind) =>
  [1, 2, 4, 1000].map((variety) => ({ kind, variety })),
);

/** Half of the books never try a few buys one by one, so that the cells are asked. */
const waysOf = (seed: number): { fewMax?: number } => (seed % 2 === 0 ? {} : { fewMax: 0 });

it.each(shapes)(
  "125 random books on $kind with $variety values of each quantity match as brute force does",
  ({ kind, variety }) => {
    let matches = 0;
    for (let seed = 1; seed <= 125; seed++) {
      const random = new SeededRandom(1000 * variety + seed);
      // From a village to a country, so that some ways are too long for a seller.
      const extents =
        kind === "earth" ? [20_000, 200_000, 3_000_000] : [50, 5_000_000, 300_000_000];
      const extent = extents[seed % 3] ?? 1;
      const points = 1 + (seed % 9);
      const book = randomBook({ kind, variety, points, orders: 40, extent }, random);
      const played = [...playBook(book, waysOf(seed))].flatMap((match) =>
        match === undefined ? [] : [match],
      );
      const trios = played.map(({ buy, sell, meetingPoint }) => [buy, sell, meetingPoint]);
      expect({ seed, trios }).toEqual({ seed, trios: bruteForce(book) });
      for (const { unitProfit } of played) expect(unitProfit).toBeGreaterThanOrEqual(0);
      matches += played.length;
    }
    expect(matches).toBeGreaterThan(125);
  },
);

it.each(["earth", "plane"] as const)(
  "so do larger books on %s with many meeting points",
  (kind) => {
    for (let seed = 1; seed <= 3; seed++) {
      const random = new SeededRandom(seed);
      const extent = kind === "earth" ? 400_000 : 40_000_000;
      const book = randomBook({ kind, variety: 50, points: 24, orders: 240, extent }, random);
      const played = [...playBook(book, waysOf(seed))].flatMap((match) =>
        match === undefined ? [] : [match],
      );
      const trios = played.map(({ buy, sell, meetingPoint }) => [buy, sell, meetingPoint]);
      expect({ seed, trios }).toEqual({ seed, trios: bruteForce(book) });
      expect(played.length).toBeGreaterThan(30);
    }
  },
);
