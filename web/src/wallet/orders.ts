import {
  accountAction,
  encodeAuthorisation,
  encodeBuyOrder,
  encodeLimitOrder,
  encodeMarketBuy,
  encodePileId,
  encodeSellOrder,
  encodeSessionName,
  encodeSignOrder,
  encodeV2vId,
  encodeWithdrawalOrder,
  moduleNumber,
  pileAction,
  pileTermsHash,
  portableCrypto,
  sessionAction,
  v2vAction,
} from "@voltfog/ledger";
import type { PileContractView } from "@voltfog/messages";
import { type Wish, wholePosition } from "../market/quote.ts";
import { bytesOfHex } from "../verification/hex.ts";
import type { Order } from "./sign-order.ts";

/** What a driver orders of the chain, from what a form holds. Texts were checked by the form. */

export function withdrawOrder(o: { readonly amount: number; readonly address: string }): Order {
  const address = o.address.trim().toLowerCase().replace(/^0x/, "");
  return {
    module: moduleNumber.accounts,
    action: accountAction.withdraw,
    payload: encodeWithdrawalOrder({
      amount: o.amount,
      goal: address === "" ? { kind: "desk" } : { kind: "ethereum", address: raw(address, 20) },
    }),
  };
}

export function authoriseOrder(o: {
  readonly point: string;
  readonly plugType: number;
  readonly limit_Wh: number;
  readonly limitAmount: number;
  readonly expiry_ms: number;
}): Order {
  const { plugType, limit_Wh, limitAmount, expiry_ms } = o;
  return {
    module: moduleNumber.sessions,
    action: sessionAction.authorise,
    payload: encodeAuthorisation({
      salt: newId(),
      chargePoint: raw(o.point, 32),
      plugType,
      limitAmount,
      limit_Wh,
      expiry_ms,
      beansOf: undefined,
    }),
  };
}

/** Takes back an authorisation that was not started. */
export function cancelSessionOrder(id: string): Order {
  return {
    module: moduleNumber.sessions,
    action: sessionAction.cancel,
    payload: encodeSessionName(raw(id, 16)),
  };
}

export function cancelV2vOrder(id: string): Order {
  return {
    module: moduleNumber.v2v,
    action: v2vAction.cancel,
    payload: encodeV2vId(raw(id, 16)),
  };
}

/** What the quote form was shown, as an order of energy between vehicles. */
export function v2vOrder(wish: Wish, vehicle: string): Order {
  const { energy_Wh, ownPricePerKWh, funds, spare_Wh } = wish;
  const common = {
    ...{ orderId: newId(), vehicle: raw(vehicle, 32), energy_Wh, ownPricePerKWh },
    position: wholePosition(wish.position),
  };
  return wish.side === "buy"
    ? {
        module: moduleNumber.v2v,
        action: v2vAction.buy,
        payload: encodeBuyOrder({ ...common, maxPricePerKWh: wish.pricePerKWh ?? 0, funds }),
      }
    : {
        module: moduleNumber.v2v,
        action: v2vAction.sell,
        payload: encodeSellOrder({ ...common, pricePerKWh: wish.pricePerKWh ?? 0, spare_Wh }),
      };
}

interface PileWish {
  readonly zone: number;
  readonly energy_Wh: number;
  readonly window: { readonly from_ms: number; readonly to_ms: number };
}

/** Buys at once from whoever is cheapest, as long as all of it costs no more. */
export function pileMarketBuyOrder(o: PileWish & { readonly maxCost: number }): Order {
  return {
    module: moduleNumber.piles,
    action: pileAction.marketBuy,
    payload: encodeMarketBuy({ ...o, orderId: newId() }),
  };
}

/** Waits in the book for a seller at this price or below. */
export function pileLimitBuyOrder(
  o: PileWish & { readonly pricePerKWh: number; readonly expiry_ms: number },
): Order {
  return {
    module: moduleNumber.piles,
    action: pileAction.limit,
    payload: encodeLimitOrder({ ...o, orderId: newId(), side: "buy", pileKey: undefined }),
  };
}

/** Offers the idle hours of an own pile at this price or above. */
export function pileLimitSellOrder(
  o: PileWish & {
    readonly pricePerKWh: number;
    readonly expiry_ms: number;
    readonly pile: string;
  },
): Order {
  const { pile, ...wish } = o;
  const order = { ...wish, orderId: newId(), side: "sell", pileKey: raw(pile, 32) } as const;
  return {
    module: moduleNumber.piles,
    action: pileAction.limit,
    payload: encodeLimitOrder(order),
  };
}

export function cancelPileOrder(id: string): Order {
  return {
    module: moduleNumber.piles,
    action: pileAction.cancel,
    payload: encodePileId(raw(id, 16)),
  };
}

/** Signs what the page shows of a contract: other terms on the chain have another hash, and are refused. */
export function signContractOrder(contract: PileContractView, chainId: Uint8Array): Order {
  const { zone, energy_Wh, cost, margin, cataloguePricePerKWh, from_ms, to_ms } = contract;
  const contractId = raw(contract.id, 16);
  const terms = {
    ...{ zone, energy_Wh, cost, margin, cataloguePricePerKWh },
    window: { from_ms, to_ms },
    template: raw(contract.template, 32),
    buyer: raw(contract.buyer, 32),
    owner: raw(contract.seller, 32),
    pileKey: raw(contract.pile, 32),
  };
  const termsHash = pileTermsHash({ chainId, contractId, contract: terms }, portableCrypto);
  return {
    module: moduleNumber.piles,
    action: pileAction.sign,
    payload: encodeSignOrder({ contractId, termsHash }),
  };
}

/** Says that what both meters counted is right. */
export function confirmContractOrder(id: string): Order {
  return {
    module: moduleNumber.piles,
    action: pileAction.confirm,
    payload: encodePileId(raw(id, 16)),
  };
}

/** Never used before: chance is large enough. */
function newId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}

/** Bytes of hexadecimal digits of exactly that length. */
function raw(text: string, length: number): Uint8Array {
  const bytes = bytesOfHex(text);
  if (bytes?.length !== length) throw new Error(`not ${length} bytes in hexadecimal digits`);
  return bytes;
}
