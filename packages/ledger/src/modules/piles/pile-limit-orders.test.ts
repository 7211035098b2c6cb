import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Member } from "../../testing/consortium.ts";
import {
  contractOf,
  hours,
  idOf,
  PileSite,
  tomorrow_ms,
  tradeOf,
  zone,
} from "../../testing/pile-site.ts";
import { withEntry } from "./pile-book.ts";
import type { LimitOrder } from "./pile-orders.ts";
import type { BookEntry } from "./pile-records.ts";
import { pileBook, pileOrder } from "./pile-state.ts";

// Hundreds of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let site: PileSite;
let owner: Member;
let buyer: Member;
let pile: Member;
let pileKey: Uint8Array;

beforeEach(() => {
  site = new PileSite({ crypto });
  owner = site.market.person("owner");
  buyer = site.market.person("buyer", 50_000_000);
  pile = site.market.named("pile");
  pileKey = pile.signer.publicKey;
  site.list(owner, pile);
});

const day = Math.floor(tomorrow_ms / 86_400_000);
const book = (side: "buy" | "sell"): readonly BookEntry[] =>
  pileBook(site.market.state, { zone, day, side });
const sell = (over: Partial<LimitOrder> = {}): ReturnType<PileSite["limit"]> =>
  site.limit(owner, { side: "sell", pileKey, ...over });

describe("a limit order", () => {
  it("waits with its money locked, is filled in parts at the price of who waited, and gets the rest back", () => {
    const orderId = idOf(500);
    expect(site.limit(buyer, { orderId, energy_Wh: 10_000, pricePerKWh: 300_000 }).code).toBe("OK");
    const order = (): ReturnType<typeof pileOrder> => pileOrder(site.market.state, orderId);
    // 10 kWh for 0.3 each, and a tenth beside it at the dearest catalogue price.
    expect(order()?.locked).toBe(3_000_000 + 450_000);
    expect(site.balance(buyer)).toBe(50_000_000 - 3_450_000);
    const first = contractOf(sell({ energy_Wh: 4000, pricePerKWh: 100_000 })).contract;
    expect([first.cost, first.margin]).toEqual([1_200_000, 80_000]);
    expect(order()).toMatchObject({ state: "open", filled_Wh: 4000 });
    contractOf(sell({ energy_Wh: 6000, pricePerKWh: 300_000 }));
    expect(order()).toMatchObject({ state: "filled", filled_Wh: 10_000, locked: 0 });
    expect([book("buy"), book("sell")]).toEqual([[], []]);
    expect(site.pot).toBe(3_000_000 + 80_000 + 120_000);
    expect(site.balance(buyer)).toBe(50_000_000 - site.pot);
  });

  it("meets the best price first, and the older order at one price", () => {
    const [dear, old, young] = [idOf(601), idOf(602), idOf(603)];
    sell({ orderId: dear, energy_Wh: 2000, pricePerKWh: 280_000 });
    sell({ orderId: old, energy_Wh: 2000, pricePerKWh: 250_000 });
    sell({ orderId: young, energy_Wh: 2000, pricePerKWh: 250_000 });
    expect(book("sell").map(({ orderId }) => orderId)).toEqual([old, young, dear]);
    const { contracts, orders } = tradeOf(site.limit(buyer, { energy_Wh: 5000 }));
    expect(contracts.map(({ contract }) => contract.sellOrder)).toEqual([old, young, dear]);
    expect(contracts.map(({ contract }) => contract.cost)).toEqual([500_000, 500_000, 280_000]);
    expect(orders.map(({ order }) => order.state)).toEqual(["filled", "filled", "filled", "open"]);
    expect(book("sell").map(({ orderId }) => orderId)).toEqual([dear]);
  });

  it("does not trade where the price, the time or the owner does not suit", () => {
    sell({ pricePerKWh: 300_001 });
    sell({ pricePerKWh: 100_000, window: hours(12, 13), expiry_ms: hours(12, 13).from_ms });
    expect(tradeOf(site.limit(buyer, { window: hours(13, 20) })).contracts).toEqual([]);
    const own = site.limit(owner, { energy_Wh: 500 });
    expect(own.code).toBe("BALANCE_TOO_LOW");
    site.market.pay(owner, 9_000_000);
    expect(tradeOf(site.limit(owner, { energy_Wh: 500 })).contracts).toEqual([]);
    expect([book("buy").length, book("sell").length]).toEqual([2, 2]);
  });

  it("ends: cancelled with its money, or over and then met by another", () => {
    const [first, second] = [idOf(701), idOf(702)];
    site.limit(buyer, { orderId: first });
    site.limit(buyer, { orderId: second, expiry_ms: hours(9, 10).from_ms });
    expect(site.about(owner, "cancel", first).code).toBe("NOT_AUTHORISED");
    expect(site.about(buyer, "cancel", first).code).toBe("OK");
    expect(site.about(buyer, "cancel", first).code).toBe("ORDER_CLOSED");
    expect(site.about(buyer, "cancel", idOf(999)).code).toBe("ORDER_UNKNOWN");
    site.wait(hours(9, 10).from_ms);
    const met = tradeOf(sell({ pricePerKWh: 1 }));
    expect(met.contracts).toEqual([]);
    expect(met.orders.map(({ order }) => order.state)).toEqual(["open", "expired"]);
    expect([site.balance(buyer), site.pot]).toEqual([50_000_000, 0]);
  });

  it("that is not dearer than the curve is taken by a market order first", () => {
    sell({ energy_Wh: 3000, pricePerKWh: 100_000 });
    sell({ energy_Wh: 3000, pricePerKWh: 900_000 });
    const { contracts } = tradeOf(site.buy(buyer, { energy_Wh: 5000 }));
    expect(contracts.map(({ contract }) => contract.energy_Wh)).toEqual([3000, 2000]);
    expect(contracts.map(({ contract }) => contract.curveGeneration)).toEqual([0, 1]);
    expect(contracts[0]?.contract.cost).toBe(300_000);
  });

  it("is refused with the reason", () => {
    const code = (over: Partial<LimitOrder>): string => site.limit(buyer, over).code;
    expect(code({ pricePerKWh: 0 })).toBe("PRICE_ABSURD");
    expect(code({ pricePerKWh: 1_000_000_001 })).toBe("PRICE_ABSURD");
    expect(code({ energy_Wh: 0 })).toBe("ENERGY_ABSURD");
    expect(code({ expiry_ms: 5 })).toBe("ORDER_EXPIRED");
    expect(code({ expiry_ms: hours(8, 21).to_ms })).toBe("WINDOW_INVALID");
    expect(code({ energy_Wh: 1_000_000 })).toBe("BALANCE_TOO_LOW");
    expect(code({ zone: 99 })).toBe("ZONE_UNKNOWN");
    expect(code({ side: "sell", pileKey: owner.signer.publicKey })).toBe("PILE_UNKNOWN");
    expect(code({ side: "sell", pileKey })).toBe("NOT_AUTHORISED");
    const orderId = idOf(800);
    expect(code({ orderId, energy_Wh: 100 })).toBe("OK");
    expect(code({ orderId, energy_Wh: 100 })).toBe("ID_TAKEN");
  });

  it("finds the book full at 128, unless it is better than the last one or their time is over", () => {
    const small = { energy_Wh: 100, pricePerKWh: 1000 };
    for (let i = 0; i < 128; i++) {
      expect(site.limit(buyer, { ...small, expiry_ms: hours(8, 9).from_ms }).code).toBe("OK");
    }
    expect(site.limit(buyer, small).code).toBe("BOOK_FULL");
    const last = book("buy").at(-1)?.orderId ?? new Uint8Array(16);
    const before = site.balance(buyer);
    const better = tradeOf(site.limit(buyer, { ...small, pricePerKWh: 1001 }));
    expect(better.orders.map(({ order }) => order.state)).toEqual(["open", "cancelled"]);
    expect(better.orders.map(({ orderId }) => orderId)[1]).toEqual(last);
    expect(before - site.balance(buyer)).toBe((better.orders[0]?.order.locked ?? 0) - 4600);
    expect(book("buy")).toHaveLength(128);
    site.wait(hours(8, 9).from_ms);
    expect(site.limit(buyer, small).code).toBe("OK");
    // The better one waits longer.
    expect(book("buy")).toHaveLength(2);
  });
});

describe("a book", () => {
  it("stays in the order of price, then of arrival, whatever comes", () => {
    const prices = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 });
    fc.assert(
      fc.property(prices, fc.constantFrom("buy" as const, "sell" as const), (given, side) => {
        let entries: readonly BookEntry[] = [];
        for (const [i, pricePerKWh] of given.entries()) {
          entries = withEntry(entries, { orderId: idOf(i), pricePerKWh }, side);
        }
        const sign = side === "buy" ? -1 : 1;
        const sorted = given
          .map((pricePerKWh, i) => ({ orderId: idOf(i), pricePerKWh }))
          .toSorted((a, b) => sign * (a.pricePerKWh - b.pricePerKWh));
        expect(entries).toEqual(sorted);
      }),
    );
  });
});
