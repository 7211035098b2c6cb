import { CodedError } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import type { MarketClient } from "../market/market-client.ts";
import { parseKey } from "./id-text.ts";
import { parseHandle } from "./wallet-folder.ts";

/** The key of a handle, or a key itself. HANDLE_UNKNOWN. */
export async function accountKey(client: MarketClient, text: string): Promise<Uint8Array> {
  if (text.length === 64) return parseKey(text);
  const query = new URLSearchParams({ handle: parseHandle(text) });
  try {
    const { key } = (await client.get(`/v1/market/accounts?${query}`)) as { key: string };
    return parseKey(key);
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || thrown.code !== "HANDLE_UNKNOWN") throw thrown;
    throw complaint({
      code: thrown.code,
      what: `no account has the handle ${text}`,
      remedy: "ask its owner how it is written",
    });
  }
}
