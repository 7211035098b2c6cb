import { transactionHash } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { OrderSigner } from "../../market/order-signer.ts";
import { type Neighbours, tradeOrder } from "../../market/trading-load.ts";

/** A signed transaction. */
export interface Signed {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** What one client sends, one after the other; signed beforehand as far as there is time. */
export interface Script {
  next(): Signed;
  prepare(count: number): void;
}

/** One pair's trades without end. */
export class PairScript implements Script {
  readonly #pair: Neighbours;
  readonly #signer: OrderSigner;
  readonly #making: { readonly chainId: Uint8Array; readonly clock: Clock };
  readonly #ready: Signed[] = [];
  #turn = 0;

  constructor(o: { pair: Neighbours; signer: OrderSigner; chainId: Uint8Array; clock: Clock }) {
    this.#pair = o.pair;
    this.#signer = o.signer;
    this.#making = o;
  }

  next(): Signed {
    return this.#ready.shift() ?? this.#make();
  }

  prepare(count: number): void {
    while (this.#ready.length < count) this.#ready.push(this.#make());
  }

  #make(): Signed {
    return signedBy(this.#signer, tradeOrder(this.#pair, this.#turn++, this.#making));
  }
}

export function signedBy(signer: OrderSigner, order: Parameters<OrderSigner["sign"]>[0]): Signed {
  const bytes = signer.sign(order);
  return { bytes, hash: transactionHash(bytes, nodeCrypto) };
}
