import { join } from "node:path";
import { type Chain, moduleNumber, signTransaction } from "@voltfog/ledger";
import type { Clock } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { readUpFile, type UpProcess } from "../supervisor/up-file.ts";
import type { SitePaths } from "./site-folder.ts";
import { longestChain, readGenesis } from "./site-record.ts";

/** Other transactions of the validator may be on their way; a gap in nonces is allowed. */
const nonceStep = 1000;
const limit_ms = 5000;
/** A block comes every second; this is several rounds of trouble. */
const finalLimit_ms = 30_000;
const look_ms = 500;

/** What became of telling the chain about a device. */
export interface Recorded {
  /** Hash of the transaction that is in a final block; undefined where none is. */
  readonly transaction: string | undefined;
  /** Why the chain does not have it. */
  readonly unrecorded: string | undefined;
}

/** The longest chain that the site has on disk. */
export function chainOnDisk(paths: SitePaths): Promise<Chain> {
  return longestChain({ paths, genesis: readGenesis(paths.genesis), problems: [] });
}

/**
 * Sends a transaction of the devices module, signed by a validator of the site that runs, and waits until
 * a final block shows what it was for. Never throws for a chain that does not take it.
 */
export async function tellChain(o: {
  paths: SitePaths;
  clock: Clock;
  action: number;
  /** The transaction's content, from the chain as it is; undefined where there is nothing to say. */
  payload: (chain: Chain) => Uint8Array | undefined;
  isDone: (chain: Chain) => boolean;
}): Promise<Recorded> {
  const { paths } = o;
  const validator = readUpFile(paths.root)?.processes.find(
    ({ role, pid }) => role === "validator" && pid !== null,
  );
  if (validator === undefined) return missed("no validator of the site runs");
  const chain = await chainOnDisk(paths);
  const payload = o.payload(chain);
  if (payload === undefined) return missed("the chain knows no such device");
  const signer = loadSigningKey(join(paths.keys, `${validator.id}.key`));
  const bytes = signTransaction({
    chainId: chain.genesis.chainId,
    module: moduleNumber.devices,
    action: o.action,
    nonce: chain.nonceOf(signer.publicKey) + nonceStep,
    payload,
    signer,
  });
  const submitted = await submit(validator, bytes);
  return submitted.transaction === undefined || (await becomesFinal(o))
    ? submitted
    : missed(`the transaction was taken, but is in no final block after ${finalLimit_ms / 1000} s`);
}

/** Looks at the chain on disk until it says so. */
async function becomesFinal(o: {
  paths: SitePaths;
  clock: Clock;
  isDone: (chain: Chain) => boolean;
}): Promise<boolean> {
  const until_ms = o.clock.monotonic_ms() + finalLimit_ms;
  while (o.clock.monotonic_ms() < until_ms) {
    await new Promise<void>((resolve) => o.clock.after(look_ms, resolve));
    if (o.isDone(await chainOnDisk(o.paths))) return true;
  }
  return false;
}

async function submit(validator: UpProcess, bytes: Uint8Array): Promise<Recorded> {
  try {
    const answer = await fetch(`http://127.0.0.1:${validator.ports.http}/v1/transactions`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(limit_ms),
    });
    const told = (await answer.json()) as { hash?: string; code?: string; message?: string };
    if (answer.status === 202) return { transaction: told.hash, unrecorded: undefined };
    return missed(`${validator.id} answered ${told.code}: ${told.message}`);
  } catch (thrown) {
    return missed(`${validator.id} did not answer: ${String(thrown)}`);
  }
}

function missed(why: string): Recorded {
  return { transaction: undefined, unrecorded: why };
}
