import { parseGenesis, portableCrypto, signTransaction, transactionHash } from "@voltfog/ledger";
import { hex } from "../verification/hex.ts";
import { pinnedGenesis } from "../verification/pinned-genesis.ts";
import type { Signer } from "./wallet.svelte.ts";

/** What the driver wants of a module of the chain. */
export interface Order {
  readonly module: number;
  readonly action: number;
  readonly payload: Uint8Array;
}

export interface SignedOrder {
  readonly bytes: Uint8Array;
  /** Of the transaction, hex. */
  readonly hash: string;
}

let lastNonce = 0;

/**
 * Signs for the chain of the genesis file that this browser keeps: no server can have it signed for another
 * chain. The nonce is the clock's, which is above that of all before; gaps are allowed.
 */
export async function signOrder(order: Order, signer: Signer): Promise<SignedOrder> {
  lastNonce = Math.max(lastNonce + 1, Date.now());
  const chainId = await pinnedChainId();
  const bytes = signTransaction({ ...order, chainId, nonce: lastNonce, signer });
  return { bytes, hash: hex(transactionHash(bytes, portableCrypto)) };
}

export async function pinnedChainId(): Promise<Uint8Array> {
  const genesis = parseGenesis(await pinnedGenesis(), portableCrypto);
  if (!genesis.ok) throw new Error(`GENESIS_INVALID: ${genesis.problem.detail}`);
  return genesis.value.chainId;
}
