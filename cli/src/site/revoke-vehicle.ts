import { join } from "node:path";
import {
  type Chain,
  deviceAction,
  encodeEnrolment,
  keyIdOf,
  moduleNumber,
  signTransaction,
} from "@voltfog/ledger";
import { type Clock, fromHex, toHex } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { readUpFile, type UpProcess } from "../supervisor/up-file.ts";
import type { SitePaths } from "./site-folder.ts";
import { longestChain, readGenesis } from "./site-record.ts";

/** Other transactions of the validator may be on their way; a gap in nonces is allowed. */
const nonceStep = 1000;
const limit_ms = 5000;
/** A block comes every second; this is several rounds of trouble. */
const finalLimit_ms = 30_000;
const look_ms = 500;

export interface Revocation {
  readonly vehicle: string;
  readonly keyId: string;
  /** Hash of the transaction that is in a final block; undefined where none is. */
  readonly transaction: string | undefined;
  /** Why the chain does not have it. */
  readonly unrecorded: string | undefined;
}

interface EnrolledRow {
  readonly id?: unknown;
  readonly key?: unknown;
  readonly revoked?: boolean;
}

/**
 * Revokes a vehicle's key: the list of vehicles says so, which every unit of the site follows within a
 * second, and a transaction tells the chain, so that proofs of later frames fail anywhere. May be called
 * again until the chain has it. VEHICLE_UNKNOWN, ALREADY_REVOKED.
 */
export async function revokeVehicle(
  paths: SitePaths,
  { vehicle, clock }: { vehicle: string; clock: Clock },
): Promise<Revocation> {
  const rows = JSON.parse(new TextDecoder().decode(readInputFile(paths.enrolled))) as EnrolledRow[];
  const row = rows.find(({ id }) => id === vehicle);
  const key = fromHex(String(row?.key));
  if (row === undefined || key === undefined) {
    throw complaint({
      code: "VEHICLE_UNKNOWN",
      what: `no vehicle ${vehicle} is enrolled in ${paths.enrolled}`,
      remedy: "see voltfog status for the vehicles of the site",
    });
  }
  const keyId = keyIdOf(key, nodeCrypto);
  const genesis = readGenesis(paths.genesis);
  const chain = await longestChain({ paths, genesis, problems: [] });
  if (row.revoked === true && isRevoked(chain, keyId)) {
    throw complaint({
      code: "ALREADY_REVOKED",
      what: `the key of ${vehicle} is revoked already`,
      remedy: "a revoked key stays revoked; enrol the vehicle with a new one",
    });
  }
  const marked = rows.map((one) => (one === row ? { ...one, revoked: true } : one));
  replaceFileSync(paths.enrolled, `${JSON.stringify(marked, null, 2)}\n`, { mode: 0o600 });
  const recorded = await tellChain({ paths, chain, keyId, clock });
  return { vehicle, keyId: toHex(keyId), ...recorded };
}

type Recorded = Pick<Revocation, "transaction" | "unrecorded">;

async function tellChain(o: {
  paths: SitePaths;
  chain: Chain;
  keyId: Uint8Array;
  clock: Clock;
}): Promise<Recorded> {
  const { paths, chain, keyId } = o;
  const validator = readUpFile(paths.root)?.processes.find(
    ({ role, pid }) => role === "validator" && pid !== null,
  );
  if (validator === undefined) return missed("no validator of the site runs");
  const bytes = revocation(paths, { chain, validator, keyId });
  if (bytes === undefined) return missed("the chain knows no such device");
  const submitted = await submit(validator, bytes);
  return submitted.transaction === undefined || (await becomesFinal(o))
    ? submitted
    : missed(`the transaction was taken, but is in no final block after ${finalLimit_ms / 1000} s`);
}

/** Looks at the chain on disk until it says so. */
async function becomesFinal(o: {
  paths: SitePaths;
  keyId: Uint8Array;
  clock: Clock;
}): Promise<boolean> {
  const genesis = readGenesis(o.paths.genesis);
  const until_ms = o.clock.monotonic_ms() + finalLimit_ms;
  while (o.clock.monotonic_ms() < until_ms) {
    await new Promise<void>((resolve) => o.clock.after(look_ms, resolve));
    const chain = await longestChain({ paths: o.paths, genesis, problems: [] });
    if (isRevoked(chain, o.keyId)) return true;
  }
  return false;
}

function isRevoked(chain: Chain, keyId: Uint8Array): boolean {
  return chain.deviceOf(keyId)?.revokedHeight !== undefined;
}

function revocation(
  paths: SitePaths,
  o: { chain: Chain; validator: UpProcess; keyId: Uint8Array },
): Uint8Array | undefined {
  const record = o.chain.deviceOf(o.keyId);
  if (record === undefined) return undefined;
  const signer = loadSigningKey(join(paths.keys, `${o.validator.id}.key`));
  return signTransaction({
    chainId: o.chain.genesis.chainId,
    module: moduleNumber.devices,
    action: deviceAction.revoke,
    nonce: o.chain.nonceOf(signer.publicKey) + nonceStep,
    payload: encodeEnrolment(record),
    signer,
  });
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
