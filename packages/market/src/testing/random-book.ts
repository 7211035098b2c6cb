import type { Random } from "@voltfog/runtime";
import type { MatchBook } from "../matching/book-file.ts";
import type { BuyTerms, SellTerms } from "../matching/open-order.ts";
import type { Position } from "../matching/position.ts";

/** How a random book is drawn. Few different numbers make many ties. */
export interface BookShape {
  readonly kind: Position["kind"];
  readonly points: number;
  readonly orders: number;
  /** How many different values each quantity has; 1 makes all orders alike. */
  readonly variety: number;
  /** Half the side of the area: micro-degrees or millimetres. */
  readonly extent: number;
}

/** A book of that shape. The same random numbers give the same book. */
export function randomBook(shape: BookShape, random: Random): MatchBook {
  const { kind, variety, extent } = shape;
  const pick = (max: number): number => Math.floor(random.uniform() * max);
  /** One of `variety` values from low to high. */
  const among = (low: number, high: number): number =>
    Math.round(low + ((high - low) * pick(variety)) / Math.max(1, variety - 1));
  const position = (): Position => ({
    kind,
    east: among(-extent, extent) + (kind === "earth" ? 11_000_000 : 0),
    north: among(-extent, extent) + (kind === "earth" ? 48_000_000 : 0),
  });
  const meetingPoints = Array.from({ length: shape.points }, (_, id) => ({
    id,
    position: position(),
  }));
  const orders = Array.from({ length: shape.orders }, (_, i): BuyTerms | SellTerms => {
    const base = {
      id: `${pick(1e9)}-${i}`,
      owner: pick(3) === 0 ? `owner-${pick(5)}` : undefined,
      arrival: pick(4) === 0 ? i : Math.floor(i / 3),
      ownPricePerKWh: pick(8) === 0 ? 0 : among(100_000, 400_000),
      milliWhPerKm: among(120_000, 260_000),
      position: position(),
    };
    const energy_Wh = among(2000, 30_000);
    if (pick(2) === 0) {
      const maxPricePerKWh = pick(3) === 0 ? undefined : among(150_000, 700_000);
      const funds = among(500_000, 25_000_000);
      return { ...base, side: "buy", energy_Wh, maxPricePerKWh, funds };
    }
    const spare_Wh = among(2000, 40_000);
    const pricePerKWh = among(150_000, 700_000);
    return { ...base, side: "sell", energy_Wh, spare_Wh, pricePerKWh };
  });
  return { feePerKWh: among(1000, 50_000), meetingPoints, orders };
}
