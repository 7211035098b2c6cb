import { equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Member } from "../../testing/consortium.ts";
import { PileSite, tradeOf } from "../../testing/pile-site.ts";
import { at } from "../../testing/transactions.ts";

// Hundreds of blocks: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

interface Wish {
  readonly who: number;
  readonly side: "buy" | "sell";
  readonly energy_Wh: number;
  readonly price: number;
}

interface Waiting extends Wish {
  readonly orderId: string;
  left_Wh: number;
}

interface Trade {
  readonly buy: string;
  readonly sell: string;
  readonly energy_Wh: number;
  readonly cost: number;
}

/** A market as one would do it by hand: looks through everything for the best price, then the oldest. */
class PlainMarket {
  readonly #waiting: Waiting[] = [];

  take(wish: Wish, orderId: string): readonly Trade[] {
    const trades: Trade[] = [];
    const taker: Waiting = { ...wish, orderId, left_Wh: wish.energy_Wh };
    while (taker.left_Wh > 0 && trades.length < 8) {
      const maker = this.#best(taker);
      if (maker === undefined) break;
      const energy_Wh = Math.min(taker.left_Wh, maker.left_Wh);
      taker.left_Wh -= energy_Wh;
      maker.left_Wh -= energy_Wh;
      const [buy, sell] = wish.side === "buy" ? [taker, maker] : [maker, taker];
      const cost = Math.floor((energy_Wh * maker.price) / 1000);
      trades.push({ buy: buy.orderId, sell: sell.orderId, energy_Wh, cost });
    }
    if (taker.left_Wh > 0) this.#waiting.push(taker);
    return trades;
  }

  #best(taker: Waiting): Waiting | undefined {
    const isBuyer = taker.side === "buy";
    let best: Waiting | undefined;
    for (const one of this.#waiting) {
      if (one.left_Wh === 0 || one.side === taker.side || one.who === taker.who) continue;
      if (isBuyer ? one.price > taker.price : one.price < taker.price) continue;
      const isBetter =
        best === undefined || (isBuyer ? one.price < best.price : one.price > best.price);
      if (isBetter) best = one;
    }
    return best;
  }
}

const wish: fc.Arbitrary<Wish> = fc.record({
  who: fc.nat(2),
  side: fc.constantFrom("buy" as const, "sell" as const),
  energy_Wh: fc.integer({ min: 1, max: 3000 }),
  price: fc.integer({ min: 10, max: 16 }).map((step) => step * 20_000),
});

describe("limit orders", () => {
  it("trade as a plain search through all of them does", () => {
    fc.assert(
      fc.property(fc.array(wish, { minLength: 5, maxLength: 22 }), (wishes) => {
        const site = new PileSite({ crypto });
        const people = ["ada", "ben", "cem"].map((id) => site.market.person(id, 90_000_000));
        const piles = people.map(({ id }): Member => site.market.named(`pile of ${id}`));
        // So strong that idle time is never short.
        for (const [i, one] of people.entries()) {
          site.list(one, at(piles, i), { power_W: 1_000_000 });
        }
        const plain = new PlainMarket();
        for (const one of wishes) {
          const orderId = site.nextId();
          const outcome = site.limit(at(people, one.who), {
            ...{ orderId, side: one.side, energy_Wh: one.energy_Wh, pricePerKWh: one.price },
            pileKey: one.side === "sell" ? at(piles, one.who).signer.publicKey : undefined,
          });
          const { contracts, orders } = tradeOf(outcome);
          const trades = contracts.map(({ contract }) => ({
            buy: toHex(contract.buyOrder),
            sell: toHex(contract.sellOrder),
            energy_Wh: contract.energy_Wh,
            cost: contract.cost,
          }));
          expect(trades).toEqual(plain.take(one, toHex(orderId)));
          expect(equalBytes(orders[0]?.orderId ?? new Uint8Array(), orderId)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });
});
