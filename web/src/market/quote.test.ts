import { describe, expect, it } from "vitest";
import { bestCaseOf, type QuoteMarket, quoteOf, type Wish, wholePosition } from "./quote.ts";

const place = { kind: "earth", latitude: 48.85, longitude: 2.35 } as const;
const offer = {
  id: "0a",
  side: "sell",
  key: "aa",
  energy_Wh: 20_000,
  spare_Wh: 20_000,
  funds: null,
  pricePerKWh: 250_000,
  ownPricePerKWh: 200_000,
  usePerKm_Wh: 150,
  place,
  height: 5,
} as const;
const market: QuoteMarket = {
  feePerKWh: 10_000,
  orders: [offer],
  meetingPoints: [{ id: "1", position: { latitude: 48.85, longitude: 2.35 } }],
};
const buy: Wish = {
  side: "buy",
  key: "bb",
  energy_Wh: 10_000,
  pricePerKWh: 300_000,
  ownPricePerKWh: 300_000,
  usePerKm_Wh: 200,
  spare_Wh: 0,
  funds: 5_000_000,
  position: { latitude: 48.85, longitude: 2.35 },
};

describe("a quote", () => {
  it("is the match that the book would make: price, fee and both ways", () => {
    const here = quoteOf(buy, market);
    expect(here).toMatchObject({
      sell: "0a",
      unitCost: 260_000,
      unitProfit: 240_000,
      energyCost: 2_500_000,
      fee: 100_000,
    });
    const away = quoteOf({ ...buy, position: { latitude: 48.95, longitude: 2.35 } }, market);
    // 11.1 km at 200 Wh/km and 0.30 a kWh are 0.667, on 10 kWh.
    expect(away?.unitCost).toBeCloseTo(260_000 + 66_700, -3);
  });

  it("is none where the limit is too low, the funds are short or the offer is one's own", () => {
    expect(quoteOf({ ...buy, pricePerKWh: 240_000 }, market)).toBe(undefined);
    expect(quoteOf({ ...buy, funds: 1_000_000 }, market)).toBe(undefined);
    expect(quoteOf({ ...buy, key: "aa" }, market)).toBe(undefined);
    expect(quoteOf(buy, { ...market, meetingPoints: [] })).toBe(undefined);
  });

  it("prefers the cheaper of two offers", () => {
    const orders = [offer, { ...offer, id: "0b", pricePerKWh: 240_000, height: 9 }];
    expect(quoteOf(buy, { ...market, orders })?.sell).toBe("0b");
  });

  it("says the best that an offer can hope for, or that it would be a loss", () => {
    const sell: Wish = { ...buy, side: "sell", spare_Wh: 10_000, pricePerKWh: 200_000 };
    const hopeful = bestCaseOf(sell, { ...market, orders: [] });
    expect(hopeful).toMatchObject({ meetingPoint: 1, unitProfit: 190_000 });
    expect(bestCaseOf({ ...sell, pricePerKWh: 9_000 }, market)).toBe(undefined);
    expect(bestCaseOf(buy, market)?.unitCost).toBe(310_000);
  });
});

it("a position leaves the browser no finer than a thousandth of a degree", () => {
  expect(wholePosition({ latitude: 48.85661, longitude: -2.35222 })).toEqual({
    kind: "earth",
    east: -2_352_000,
    north: 48_857_000,
  });
});
