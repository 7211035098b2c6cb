import { join } from "node:path";
import {
  type Chain,
  deviceAction,
  encodeEnrolment,
  keyIdOf,
  moduleNumber,
  signTransaction,
} from "@voltfog/ledger";
import { fromHex, toHex } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { readUpFile, type UpProcess } from "../supervisor/up-file.ts";
import type { SitePaths } from "./site-folder.ts";
import { longestChain, readGenesis } from "./site-record.ts";

/** Other transactions of the validator may be on their way; a gap in nonces is allowed. */
const nonceStep = 1000;
const limit_ms = 5000;

export interface Revocation {
  readonly vehicle: string;
  readonly keyId: string;
  /** Hash of the transaction; undefined where no validator took it. */
  readonly transaction: string | undefined;
  /** Why no validator took it. */
  readonly unrecorded: string | undefined;
}

interface EnrolledRow {
  readonly id?: unknown;
  readonly key?: unknown;
  readonly revoked?: boolean;
}

/**
 * Revokes a vehicle's key: the list of vehicles says so, which every unit of the site follows within a
 * second, and a transaction tells the chain, so that proofs of later frames fail anywhere.
 * VEHICLE_UNKNOWN, ALREADY_REVOKED.
 */
export async function revokeVehicle(paths: SitePaths, vehicle: string): Promise<Revocation> {
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
  if (row.revoked === true) {
    throw complaint({
      code: "ALREADY_REVOKED",
      what: `the key of ${vehicle} is revoked already`,
      remedy: "a revoked key stays revoked; enrol the vehicle with a new one",
    });
  }
  const marked = rows.map((one) => (one === row ? { ...one, revoked: true } : one));
  replaceFileSync(paths.enrolled, `${JSON.stringify(marked, null, 2)}\n`, { mode: 0o600 });
  const keyId = keyIdOf(key, nodeCrypto);
  const recorded = await tellChain(paths, keyId);
  return { vehicle, keyId: toHex(keyId), ...recorded };
}

type Recorded = Pick<Revocation, "transaction" | "unrecorded">;

async function tellChain(paths: SitePaths, keyId: Uint8Array): Promise<Recorded> {
  const genesis = readGenesis(paths.genesis);
  const chain = await longestChain({ paths, genesis, problems: [] });
  const validator = readUpFile(paths.root)?.processes.find(
    ({ role, pid }) => role === "validator" && pid !== null,
  );
  if (validator === undefined) return missed("no validator of the site runs");
  const bytes = revocation(paths, { chain, validator, keyId });
  return bytes === undefined ? missed("the chain knows no such device") : submit(validator, bytes);
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
