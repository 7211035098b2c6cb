import { handleHashOf, portableCrypto, signOpening } from "@voltfog/ledger";
import { hex } from "../verification/hex.ts";
import { pinnedChainId } from "./sign-order.ts";
import type { Signer } from "./wallet.svelte.ts";

/** What POST /v1/market/accounts takes: the key's own word that it wants this handle on this chain. */
export async function accountRequest(
  handle: string,
  signer: Signer,
): Promise<{ readonly key: string; readonly handle: string; readonly possession: string }> {
  const chainId = await pinnedChainId();
  const handleHash = handleHashOf(handle, portableCrypto);
  const { key, possession } = signOpening({ chainId, handleHash, signer });
  return { key: hex(key), handle, possession: hex(possession) };
}
