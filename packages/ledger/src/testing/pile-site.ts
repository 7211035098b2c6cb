import { standardTemplate, templateHash } from "@voltfog/market";
import { assert, type Crypto } from "@voltfog/runtime";
import { balanceOf } from "../modules/account-money.ts";
import type { PileContractRecord } from "../modules/piles/pile-contract.ts";
import { pilesPot } from "../modules/piles/pile-draft.ts";
import { signPile } from "../modules/piles/pile-listing.ts";
import {
  encodeCurveOrder,
  encodeDeliverOrder,
  encodeHashOrder,
  encodeLimitOrder,
  encodeListOrder,
  encodeLoadOrder,
  encodeMarketBuy,
  encodePileId,
  encodeSignOrder,
  type LimitOrder,
  type MarketBuyOrder,
  type PileTerms,
  pileAction,
} from "../modules/piles/pile-orders.ts";
import {
  decodeTradeResult,
  type NumberedContract,
  type PileTradeResult,
} from "../modules/piles/pile-results.ts";
import { pileContract } from "../modules/piles/pile-state.ts";
import { pileTermsHash } from "../modules/piles/pile-terms.ts";
import { created_ms, type Member } from "./consortium.ts";
import { MarketSite, type Outcome } from "./market-site.ts";
import { at } from "./transactions.ts";

const hour_ms = 3_600_000;

/** Midnight after the chain begins. */
export const tomorrow_ms: number = (Math.floor(created_ms / 86_400_000) + 1) * 86_400_000;

export const zone = 7;

/** Tomorrow's hours. */
export function hours(from: number, to: number): { from_ms: number; to_ms: number } {
  return { from_ms: tomorrow_ms + from * hour_ms, to_ms: tomorrow_ms + to * hour_ms };
}

/** An id that follows from a number. */
export function idOf(number: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, number);
  return id;
}

/** A chain with a zone of private piles, and their owners and buyers. For tests. */
export class PileSite {
  readonly market: MarketSite;
  readonly #crypto: Crypto;
  #orders = 0;

  constructor(options: { crypto: Crypto }) {
    this.#crypto = options.crypto;
    this.market = new MarketSite(options);
    const template = templateHash(standardTemplate, options.crypto);
    const set = this.authority(
      pileAction.curve,
      encodeCurveOrder({
        zone,
        reserve: 60_000_000,
        supply_Wh: 400_000,
        crrPpm: 500_000,
        catalogue: {
          valleyPricePerKWh: 200_000,
          peakPricePerKWh: 450_000,
          peakFrom_min: 17 * 60,
          peakTo_min: 21 * 60,
        },
        template,
      }),
    );
    assert(set.code === "OK", "the curve is set");
  }

  get chainId(): Uint8Array {
    return this.market.consortium.genesis.chainId;
  }

  send(sender: Member, action: number, payload: Uint8Array): Outcome {
    return this.market.send({ sender, module: "piles", action, payload });
  }

  authority(action: number, payload: Uint8Array): Outcome {
    return this.send(this.market.authority, action, payload);
  }

  load(loadPpm: number): Outcome {
    return this.authority(pileAction.load, encodeLoadOrder({ zone, loadPpm }));
  }

  /** Offers a pile, 7 kW from 8 to 20 o'clock where nothing else is said. */
  list(owner: Member, pile: Member, terms: Partial<PileTerms> = {}): Outcome {
    const order = signPile({
      chainId: this.chainId,
      owner: owner.signer.publicKey,
      signer: pile.signer,
      terms: {
        zone,
        power_W: 7000,
        floorPricePerKWh: 0,
        valleyPricePerKWh: 250_000,
        peakPricePerKWh: 500_000,
        windows: [{ from_min: 8 * 60, to_min: 20 * 60 }],
        ...terms,
      },
    });
    return this.send(owner, pileAction.list, encodeListOrder(order));
  }

  buy(sender: Member, over: Partial<MarketBuyOrder> = {}): Outcome {
    const order = {
      orderId: this.nextId(),
      zone,
      energy_Wh: 10_000,
      maxCost: 1_000_000_000,
      window: hours(8, 20),
      ...over,
    };
    return this.send(sender, pileAction.marketBuy, encodeMarketBuy(order));
  }

  limit(sender: Member, over: Partial<LimitOrder> = {}): Outcome {
    const order: LimitOrder = {
      orderId: this.nextId(),
      zone,
      side: "buy",
      energy_Wh: 10_000,
      pricePerKWh: 300_000,
      window: hours(8, 20),
      expiry_ms: hours(8, 20).to_ms,
      pileKey: undefined,
      ...over,
    };
    return this.send(sender, pileAction.limit, encodeLimitOrder(order));
  }

  /** An id that no order has. */
  nextId(): Uint8Array {
    return idOf(++this.#orders);
  }

  sign(sender: Member, contractId: Uint8Array): Outcome {
    const contract = this.contract(contractId);
    const named = { chainId: this.chainId, contractId, contract };
    const termsHash = pileTermsHash(named, this.#crypto);
    return this.send(sender, pileAction.sign, encodeSignOrder({ contractId, termsHash }));
  }

  deliver(sender: Member, contractId: Uint8Array, energy_Wh: number): Outcome {
    return this.send(sender, pileAction.deliver, encodeDeliverOrder({ contractId, energy_Wh }));
  }

  /** confirm, timeout and cancel, by their names. */
  about(sender: Member, action: "confirm" | "timeout" | "cancel", id: Uint8Array): Outcome {
    return this.send(sender, pileAction[action], encodePileId(id));
  }

  dispute(sender: Member, contractId: Uint8Array): Outcome {
    const hash = new Uint8Array(32).fill(3);
    return this.send(sender, pileAction.dispute, encodeHashOrder({ contractId, hash }));
  }

  acknowledge(contractId: Uint8Array): Outcome {
    const hash = new Uint8Array(32).fill(4);
    return this.authority(pileAction.acknowledge, encodeHashOrder({ contractId, hash }));
  }

  /** An empty block at this time; later ones follow it. */
  wait(time_ms: number): void {
    if (time_ms > this.market.chain.head.header.time_ms) this.market.sendAll([], { time_ms });
  }

  contract(contractId: Uint8Array): PileContractRecord {
    const contract = pileContract(this.market.state, contractId);
    assert(contract !== undefined, "the contract is there");
    return contract;
  }

  balance(person: Member): number {
    return balanceOf(this.market.state, person.signer.publicKey);
  }

  get pot(): number {
    return balanceOf(this.market.state, pilesPot);
  }
}

export function tradeOf(outcome: Outcome): PileTradeResult {
  const decoded = decodeTradeResult(outcome.data);
  assert(decoded.ok, `an order was accepted: ${outcome.code}`);
  return decoded.value;
}

/** The first contract that an order made. */
export function contractOf(outcome: Outcome): NumberedContract {
  return at(tradeOf(outcome).contracts, 0);
}
