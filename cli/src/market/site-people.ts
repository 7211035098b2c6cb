import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { handleHashOf, signOpening } from "@voltfog/ledger";
import { CodedError, fromHex, type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { SitePaths } from "../site/site-folder.ts";
import type { MarketClient } from "./market-client.ts";
import { openSiteKey } from "./market-key.ts";

/** What a simulated person begins with, and below what more is paid in; millionths. */
export const personMoney = 50_000_000;
const lowMoney = 10_000_000;

/** Somebody of a demonstration site's market, with a key of the site's own. */
export interface SitePerson {
  readonly handle: string;
  readonly signer: Signer;
}

/** What opening an account and paying in needs of the market. */
type PayingClient = Pick<MarketClient, "get" | "post" | "outcomeOf">;

/** The key of somebody of the site's market, made when it is asked for first. */
export function siteKeyOf(paths: SitePaths, name: string): Signer {
  const folder = join(paths.keys, "market");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openSiteKey(join(folder, `${name}.key`));
}

/** What the desk refuses because an earlier start had it done. */
const doneBefore: readonly string[] = ["KEY_TAKEN", "HANDLE_TAKEN"];

/** Opens an account and pays something in, unless an earlier start did. Throws any other refusal. */
export async function openAccount(o: {
  client: PayingClient;
  chainId: string;
  person: SitePerson;
  amount: number;
}): Promise<void> {
  const { client, person, amount } = o;
  const { handle, signer } = person;
  const { key, possession } = signOpening({
    chainId: fromHex(o.chainId) ?? new Uint8Array(),
    handleHash: handleHashOf(handle, nodeCrypto),
    signer,
  });
  const body = { key: toHex(key), handle, possession: toHex(possession) };
  try {
    await taken(client, "/v1/market/accounts", body);
  } catch (thrown) {
    if (thrown instanceof CodedError && doneBefore.includes(thrown.code)) return;
    throw thrown;
  }
  await payIn(client, signer, amount);
}

/** Pays in what a simulated person begins with, where little of it is left. */
export async function topUp(client: PayingClient, signer: Signer): Promise<void> {
  const path = `/v1/market/accounts/${toHex(signer.publicKey)}`;
  const { balance } = (await client.get(path)) as { balance: number };
  if (balance < lowMoney) await payIn(client, signer, personMoney);
}

/** A simulated deposit. */
export async function payIn(client: PayingClient, signer: Signer, amount: number): Promise<void> {
  await taken(client, "/v1/market/deposits", { key: toHex(signer.publicKey), amount });
}

/** Asks the desk for something and waits until it is final. */
async function taken(client: PayingClient, path: string, body: object): Promise<void> {
  const { transaction } = (await client.post(path, body)) as { transaction: string };
  const { code } = await client.outcomeOf(transaction);
  if (code !== "OK") throw new CodedError({ code, message: `the chain refuses it: ${path}` });
}
