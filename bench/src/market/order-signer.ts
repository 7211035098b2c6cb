import { signTransaction } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { Order } from "./market-people.ts";

/** Signs orders in the order given, each sender's numbers rising. */
export class OrderSigner {
  readonly #chainId: Uint8Array;
  readonly #nonces = new Map<string, number>();

  constructor(chainId: Uint8Array) {
    this.#chainId = chainId;
  }

  sign({ by: signer, module, action, payload }: Order): Uint8Array {
    const key = toHex(signer.publicKey);
    const nonce = (this.#nonces.get(key) ?? 0) + 1;
    this.#nonces.set(key, nonce);
    return signTransaction({ chainId: this.#chainId, module, action, nonce, payload, signer });
  }
}
