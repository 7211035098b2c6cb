import type { MatchBook } from "./book-file.ts";
import type { OrderId } from "./open-order.ts";
import { OrderBook } from "./order-book.ts";
import { amountsOf, type MatchAmounts } from "./terms.ts";

/** A match as it is told: amounts in millionths with six decimals, rounded down. */
export interface BookMatch extends MatchAmounts {
  readonly buy: OrderId;
  readonly sell: OrderId;
  readonly meetingPoint: OrderId;
  /** The order whose arrival made it. */
  readonly arrived: OrderId;
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
  readonly consumerWay_m: number;
  readonly providerWay_m: number;
}

/** Lets the orders of a book arrive one after the other, and gives after each the match it made. */
export function* playBook(
  book: MatchBook,
  options: { fewMax?: number } = {},
): Generator<BookMatch | undefined> {
  const { feePerKWh, meetingPoints, orders } = book;
  const open = new OrderBook({
    feePerKWh,
    points: meetingPoints.map(({ position }) => position),
    ...options,
  });
  for (const terms of orders) {
    const order = open.reckon(terms);
    const match = meetingPoints.length === 0 ? undefined : open.bestFor(order);
    if (match === undefined) {
      if (meetingPoints.length > 0) open.put(order);
      yield undefined;
      continue;
    }
    const { buy, sell, point } = match;
    open.take(order.side === "buy" ? sell.id : buy.id);
    yield {
      buy: buy.id,
      sell: sell.id,
      meetingPoint: meetingPoints[point]?.id ?? "",
      arrived: order.id,
      energy_Wh: buy.energy_Wh,
      pricePerKWh: sell.pricePerKWh,
      ...amountsOf(match.terms),
      consumerWay_m: match.terms.consumerWay_mm / 1000,
      providerWay_m: match.terms.providerWay_mm / 1000,
    };
  }
}
