import {
  decodeAuthorisation,
  decodeBuyOrder,
  decodeLimitOrder,
  decodeMarketBuy,
  decodePileId,
  decodeSellOrder,
  decodeV2vId,
  decodeWithdrawalOrder,
} from "@voltfog/ledger";
import { describe, expect, it } from "vitest";
import type { Wish } from "../market/quote.ts";
import { bytesOfHex } from "../verification/hex.ts";
import {
  authoriseOrder,
  cancelPileOrder,
  cancelV2vOrder,
  pileLimitBuyOrder,
  pileLimitSellOrder,
  pileMarketBuyOrder,
  v2vOrder,
  withdrawOrder,
} from "./orders.ts";

const key = "ab".repeat(32);
const window = { from_ms: 1000, to_ms: 2000 };
const wish = { zone: 3, energy_Wh: 7000, window };

describe("what a form holds becomes the order that the chain reads", () => {
  it("money goes to the desk, or to an Ethereum address in any spelling", () => {
    const desk = decodeWithdrawalOrder(withdrawOrder({ amount: 5, address: " " }).payload);
    expect(desk.ok && desk.value).toEqual({ amount: 5, goal: { kind: "desk" } });
    const address = `0x${"AB".repeat(20)}`;
    const order = decodeWithdrawalOrder(withdrawOrder({ amount: 5, address }).payload);
    expect(order.ok && order.value.goal).toEqual({
      kind: "ethereum",
      address: bytesOfHex("ab".repeat(20)),
    });
    expect(() => withdrawOrder({ amount: 5, address: "0x12" })).toThrow("20 bytes");
  });

  it("a session is authorised with a salt of its own", () => {
    const terms = {
      point: key,
      plugType: 2,
      limit_Wh: 20_000,
      limitAmount: 6_900_000,
      expiry_ms: 9,
    };
    const [one, two] = [authoriseOrder(terms), authoriseOrder(terms)].map(({ payload }) =>
      decodeAuthorisation(payload),
    );
    expect(one?.ok && one.value).toMatchObject({
      chargePoint: bytesOfHex(key),
      plugType: 2,
      limit_Wh: 20_000,
      limitAmount: 6_900_000,
      expiry_ms: 9,
    });
    expect(one?.ok && one.value.salt).not.toEqual(two?.ok && two.value.salt);
  });

  it("private piles are bought from at once, or by a limit that may name the own pile", () => {
    const market = decodeMarketBuy(pileMarketBuyOrder({ ...wish, maxCost: 9 }).payload);
    expect(market.ok && market.value).toMatchObject({ ...wish, maxCost: 9 });
    const limit = { ...wish, pricePerKWh: 300_000, expiry_ms: 5000 };
    const buy = decodeLimitOrder(pileLimitBuyOrder(limit).payload);
    expect(buy.ok && buy.value).toMatchObject({ ...limit, side: "buy", pileKey: undefined });
    const sell = decodeLimitOrder(pileLimitSellOrder({ ...limit, pile: key }).payload);
    expect(sell.ok && sell.value).toMatchObject({ side: "sell", pileKey: bytesOfHex(key) });
  });

  it("energy between vehicles is ordered as it was quoted", () => {
    const wish: Wish = {
      ...{ side: "buy", key, energy_Wh: 8000, pricePerKWh: undefined, ownPricePerKWh: 300_000 },
      ...{ usePerKm_Wh: 180, spare_Wh: 0, funds: 3_000_000 },
      position: { latitude: 48.8566, longitude: 2.3522 },
    };
    const buy = decodeBuyOrder(v2vOrder(wish, key).payload);
    expect(buy.ok && buy.value).toMatchObject({
      ...{ energy_Wh: 8000, maxPricePerKWh: 0, funds: 3_000_000, vehicle: bytesOfHex(key) },
      position: { kind: "earth", east: 2_352_000, north: 48_857_000 },
    });
    const offer: Wish = { ...wish, side: "sell", pricePerKWh: 250_000, spare_Wh: 9000 };
    const sell = decodeSellOrder(v2vOrder(offer, key).payload);
    expect(sell.ok && sell.value).toMatchObject({ pricePerKWh: 250_000, spare_Wh: 9000 });
  });

  it("what is taken back is named by its id", () => {
    const id = "0c".repeat(16);
    const pile = decodePileId(cancelPileOrder(id).payload);
    const v2v = decodeV2vId(cancelV2vOrder(id).payload);
    expect([pile.ok && pile.value, v2v.ok && v2v.value]).toEqual([bytesOfHex(id), bytesOfHex(id)]);
  });
});
